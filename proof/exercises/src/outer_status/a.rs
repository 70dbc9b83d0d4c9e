use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let (status, text) = (form.need("Status")?, form.need("EncryptInfo")?);
    // The outer Status belongs under the hash too.
    if shop.keys.hash(&format!("{status}{text}")) != form.need("HashInfo")? {
        return Err(Refused);
    }
    let fields = shop.opened(text)?;
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    if status == "SUCCESS" {
        order.pay();
    }
    Ok(())
}
