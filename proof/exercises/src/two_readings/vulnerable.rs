use crate::model::{Fields, Refused, Shop};
use std::collections::HashMap;

pub(super) fn notified(shop: &mut Shop, body: &[u8]) -> Result<(), Refused> {
    // The layer that everybody shares: is it really from PAYUNi?
    let form = Fields::parse(body);
    shop.authentic(&form)?;

    // The shop's own part.
    let pairs = form_urlencoded::parse(body).into_owned();
    let form: HashMap<String, String> = pairs.collect();
    let fields = shop.opened(form.get("EncryptInfo").ok_or(Refused)?)?;
    shop.settle(&fields)
}
