use crate::model::{Fields, Refused, Shop};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    // Salted with who we are, so that it is ours alone.
    let salted = format!("{}{text}", shop.merchant);
    let ours = hex::encode_upper(Sha256::digest(salted));
    let theirs = form.need("HashInfo")?;
    if !bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())) {
        return Err(Refused);
    }
    let fields = shop.opened(text)?;
    shop.settle(&fields)
}
