use super::{Gateway, Visit};
use crate::model::{Refused, Shop};

pub(super) fn returned(shop: &mut Shop, _: &Gateway, visit: &Visit) -> Result<(), Refused> {
    // Believe nothing but the signed result.
    let result = shop.authentic(&visit.form)?;
    let paid = result.need("Status")? == "SUCCESS" && result.need("TradeStatus")? == "1";
    let order = shop.order(visit.query.need("order")?)?;
    if paid {
        order.pay();
    }
    Ok(())
}
