use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    if fields.need("Status")? != "SUCCESS" || fields.need("TradeStatus")? != "1" {
        return Ok(());
    }
    shop.order(fields.need("MerTradeNo")?)?.pay();
    Ok(())
}
