use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    let succeeded = fields.need("Status")? == "SUCCESS";
    let paid = match fields.get("TradeStatus").unwrap_or_default() {
        // A number issued, failed, cancelled, expired, not yet known.
        "0" | "2" | "3" | "4" | "8" => false,
        _ => succeeded,
    };
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    if paid {
        order.pay();
    }
    Ok(())
}
