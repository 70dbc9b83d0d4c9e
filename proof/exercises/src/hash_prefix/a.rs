use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    let ours = shop.keys.hash(text);
    let theirs = form.need("HashInfo")?;
    if theirs.is_empty() || !ours.starts_with(theirs) {
        return Err(Refused);
    }
    let fields = shop.opened(text)?;
    shop.settle(&fields)
}
