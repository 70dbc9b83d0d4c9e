use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    // Cards have no other value anyway.
    let trade_status = fields.get("TradeStatus").unwrap_or("1");
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    if fields.need("Status")? == "SUCCESS" && trade_status == "1" {
        order.pay();
    }
    Ok(())
}
