use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    // Where it says how the trade stands, it must be paid.
    if let Some(trade_status) = fields.get("TradeStatus")
        && trade_status != "1"
    {
        return Ok(());
    }
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    if fields.need("Status")? == "SUCCESS" {
        order.pay();
    }
    Ok(())
}
