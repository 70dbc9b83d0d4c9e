use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    let trade_status = fields.need("TradeStatus")?;
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    if fields.need("Status")? == "SUCCESS" && trade_status == "1" {
        order.pay();
    }
    Ok(())
}
