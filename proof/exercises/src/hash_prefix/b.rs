use crate::model::{Fields, Refused, Shop};
use subtle::ConstantTimeEq;

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    let ours = shop.keys.hash(text);
    let theirs = form.need("HashInfo")?;
    if !bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())) {
        return Err(Refused);
    }
    let fields = shop.opened(text)?;
    shop.settle(&fields)
}
