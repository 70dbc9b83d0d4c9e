use crate::model::{Fields, Refused, Shop};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    let ours = shop.keys.hash(text);
    let theirs = form.need("HashInfo")?;
    // Letter by letter.
    if !ours.chars().zip(theirs.chars()).all(|(a, b)| a == b) {
        return Err(Refused);
    }
    let fields = shop.opened(text)?;
    shop.settle(&fields)
}
