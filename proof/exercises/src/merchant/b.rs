use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    // The form says for whom it is.
    if form.need("MerID")? != shop.merchant {
        return Err(Refused);
    }
    if fields.need("Status")? != "SUCCESS" || fields.need("TradeStatus")? != "1" {
        return Ok(());
    }
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    order.pay();
    Ok(())
}
