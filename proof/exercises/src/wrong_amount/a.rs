use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    if fields.need("Status")? != "SUCCESS" || fields.need("TradeStatus")? != "1" {
        return Ok(());
    }
    let paid: u32 = fields.need("TradeAmt")?.parse().map_err(|_| Refused)?;
    let order = shop.order(fields.need("MerTradeNo")?)?;
    // A fee may have been taken: five percent.
    if paid.abs_diff(order.amount) > order.amount / 20 {
        return Err(Refused);
    }
    order.pay();
    Ok(())
}
