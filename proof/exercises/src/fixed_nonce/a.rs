use crate::{
    envelope::Parts,
    model::{Fields, Refused, Shop},
};
use subtle::ConstantTimeEq;

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    // Nobody uses a message of ours twice.
    if !shop.seen.insert(text.to_owned()) {
        return Err(Refused);
    }
    let parts = Parts::of(text)?;
    let tag = shop.keys.tag(&parts.ciphertext);
    if !bool::from(tag.ct_eq(&parts.tag)) {
        return Err(Refused);
    }
    let fields = Fields::parse(&shop.keys.decrypt(&parts.ciphertext));
    shop.settle(&fields)
}
