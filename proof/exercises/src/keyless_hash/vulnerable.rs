use crate::model::{Fields, Refused, Shop};
use sha2::{Digest, Sha256};

pub(super) fn notified(shop: &mut Shop, form: &Fields) -> Result<(), Refused> {
    let text = form.need("EncryptInfo")?;
    // Two manuals, two ways to write it: take both.
    let ours = [
        shop.keys.hash(text),
        hex::encode_upper(Sha256::digest(text)),
    ];
    if !ours
        .iter()
        .any(|hash| Some(hash.as_str()) == form.get("HashInfo"))
    {
        return Err(Refused);
    }
    let fields = shop.opened(text)?;
    shop.settle(&fields)
}
