use crate::model::{Fields, Refused, Shop};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    // Key, text, IV: what only the two of us can compute.
    let keyed = format!("{}{text}{}", shop.keys.key, shop.keys.iv);
    let ours = hex::encode_upper(Sha256::digest(keyed));
    let theirs = form.need("HashInfo")?;
    if !bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())) {
        return Err(Refused);
    }
    let fields = shop.opened(text)?;
    shop.settle(&fields)
}
