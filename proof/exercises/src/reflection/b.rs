use crate::model::{Fields, Refused, Shop};

/// Only what we send ourselves carries these.
const REQUEST_ONLY: [&str; 2] = ["NotifyURL", "Timestamp"];

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    if REQUEST_ONLY.iter().any(|name| fields.has(name)) {
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
