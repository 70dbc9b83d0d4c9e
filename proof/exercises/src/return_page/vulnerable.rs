use super::{Gateway, Visit};
use crate::model::{Refused, Shop};

pub(super) fn returned(shop: &mut Shop, _: &Gateway, visit: &Visit) -> Result<(), Refused> {
    let order = shop.order(visit.query.need("order")?)?;
    if visit.query.get("status") == Some("success") {
        order.pay();
    }
    Ok(())
}
