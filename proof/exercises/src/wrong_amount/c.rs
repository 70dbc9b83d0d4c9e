use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    if fields.need("Status")? != "SUCCESS" || fields.need("TradeStatus")? != "1" {
        return Ok(());
    }
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        // Real money, but not this order's: a person must look.
        shop.set_aside(fields);
        return Ok(());
    }
    order.pay();
    Ok(())
}
