use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    // Is it really about our shop?
    if fields.need("MerID")? != shop.merchant {
        return Err(Refused);
    }
    if form.need("Status")? != "SUCCESS" {
        return Ok(());
    }
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    order.pay();
    Ok(())
}
