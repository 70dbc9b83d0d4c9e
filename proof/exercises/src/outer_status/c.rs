use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let fields = shop.authentic(form)?;
    let succeeded = fields.need("Status")? == "SUCCESS";
    // What nobody signed may be absent, but must not contradict.
    let outer = form.get("Status");
    if outer.is_some_and(|outer| (outer == "SUCCESS") != succeeded) {
        return Err(Refused);
    }
    let paid = succeeded && fields.need("TradeStatus")? == "1";
    let order = shop.order(fields.need("MerTradeNo")?)?;
    if fields.need("TradeAmt")? != order.amount.to_string() {
        return Err(Refused);
    }
    if paid {
        order.pay();
    }
    Ok(())
}
