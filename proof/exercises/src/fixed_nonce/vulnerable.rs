use crate::{
    envelope::Parts,
    model::{Fields, Refused, Shop},
};
use subtle::ConstantTimeEq;

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let parts = Parts::of(form.need("EncryptInfo")?)?;
    // AES-GCM is authenticated encryption: its tag proves who sent it.
    let tag = shop.keys.tag(&parts.ciphertext);
    if !bool::from(tag.ct_eq(&parts.tag)) {
        return Err(Refused);
    }
    let fields = Fields::parse(&shop.keys.decrypt(&parts.ciphertext));
    shop.settle(&fields)
}
