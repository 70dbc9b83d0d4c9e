use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    // Some notices lack one of the two, so look at both.
    let succeeded = |fields: &Fields| fields.get("Status") == Some("SUCCESS");
    let paid = succeeded(form) || succeeded(&fields);
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    if paid {
        order.pay();
    }
    Ok(())
}
