use crate::model::{Fields, Refused, Shop};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    let theirs = hex::decode(form.need("HashInfo")?).map_err(|_| Refused)?;
    // The textbook's way to hash with a key.
    let key = shop.keys.key.as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Refused)?;
    mac.update(text.as_bytes());
    mac.verify_slice(&theirs).map_err(|_| Refused)?;
    let fields = shop.opened(text)?;
    shop.settle(&fields)
}
