use super::{Gateway, Visit};
use crate::model::{Refused, Shop};

pub(super) fn returned(shop: &mut Shop, payuni: &Gateway, visit: &Visit) -> Result<(), Refused> {
    let order = shop.order(visit.query.need("order")?)?;
    // That somebody came back is a reason to ask, and no more.
    if payuni.ask(order.no) == Some(order.amount) {
        order.pay();
    }
    Ok(())
}
