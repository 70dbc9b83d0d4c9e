use super::{Gateway, Visit};
use crate::model::{Refused, Shop};

pub(super) fn returned(shop: &mut Shop, _: &Gateway, visit: &Visit) -> Result<(), Refused> {
    let order = shop.order(visit.query.need("order")?)?;
    // Nobody but the buyer may touch it.
    if order.member != visit.member {
        return Err(Refused);
    }
    if visit.query.get("status") == Some("success") {
        order.pay();
    }
    Ok(())
}
