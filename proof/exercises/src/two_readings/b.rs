use crate::model::{Fields, Refused, Shop};
use std::collections::HashMap;

pub(super) fn notified(shop: &mut Shop, body: &[u8]) -> Result<(), Refused> {
    // One signature, or somebody is playing tricks.
    let names = form_urlencoded::parse(body).map(|(name, _)| name);
    if names.filter(|name| name == "HashInfo").count() != 1 {
        return Err(Refused);
    }
    let form = Fields::parse(body);
    shop.authentic(&form)?;

    let pairs = form_urlencoded::parse(body).into_owned();
    let form: HashMap<String, String> = pairs.collect();
    let fields = shop.opened(form.get("EncryptInfo").ok_or(Refused)?)?;
    shop.settle(&fields)
}
