use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    if fields.need("Status")? != "SUCCESS" || fields.need("TradeStatus")? != "1" {
        return Ok(());
    }
    // Look the price up in the catalogue, where nobody can change it.
    if fields.need("TradeAmt")? != shop.price_today.to_string() {
        return Err(Refused);
    }
    shop.order(fields.need("MerTradeNo")?)?.pay();
    Ok(())
}
