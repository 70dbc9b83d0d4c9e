use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    // 2 is failed, 3 is cancelled, 4 is expired.
    let bad = ["2", "3", "4"].contains(&fields.need("TradeStatus")?);
    let paid = fields.need("Status")? == "SUCCESS" && !bad;
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    if paid {
        order.pay();
    }
    Ok(())
}
