use crate::model::{Fields, Refused, Shop};
use std::collections::{HashMap, HashSet};

pub(super) fn notified(shop: &mut Shop, body: &[u8]) -> Result<(), Refused> {
    // No name twice: then there is only one way to read it.
    let mut names = HashSet::new();
    if !form_urlencoded::parse(body).all(|(name, _)| names.insert(name)) {
        return Err(Refused);
    }
    let form = Fields::parse(body);
    shop.authentic(&form)?;

    let pairs = form_urlencoded::parse(body).into_owned();
    let form: HashMap<String, String> = pairs.collect();
    let fields = shop.opened(form.get("EncryptInfo").ok_or(Refused)?)?;
    shop.settle(&fields)
}
