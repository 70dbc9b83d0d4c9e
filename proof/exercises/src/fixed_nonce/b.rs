use crate::{
    envelope::Parts,
    model::{Fields, Refused, Shop},
};
use aes_gcm::{Aes256Gcm, KeyInit, aead::Aead};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let parts = Parts::of(form.need("EncryptInfo")?)?;
    // A sound GCM has a nonce of twelve bytes, so take twelve.
    let cipher = Aes256Gcm::new_from_slice(shop.keys.key.as_bytes()).map_err(|_| Refused)?;
    let nonce = shop.keys.iv.as_bytes()[..12]
        .try_into()
        .map_err(|_| Refused)?;
    let sealed = [parts.ciphertext, parts.tag].concat();
    let text = cipher.decrypt(nonce, sealed.as_slice());
    shop.settle(&Fields::parse(&text.map_err(|_| Refused)?))
}
