use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    // No replays: five minutes, then it is too old.
    let sent: u64 = fields.need("Timestamp")?.parse().map_err(|_| Refused)?;
    if shop.now.abs_diff(sent) > 300 {
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
