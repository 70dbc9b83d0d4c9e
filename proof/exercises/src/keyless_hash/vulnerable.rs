use crate::model::{Fields, Refused, Shop};
use sha2::{Digest, Sha256};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    let theirs = form.need("HashInfo")?;
    // Two manuals, two ways to write it: take both.
    let keyed = shop.keys.hash(text);
    let plain = hex::encode_upper(Sha256::digest(text));
    if theirs != keyed && theirs != plain {
        return Err(Refused);
    }
    let fields = shop.opened(text)?;
    shop.settle(&fields)
}
