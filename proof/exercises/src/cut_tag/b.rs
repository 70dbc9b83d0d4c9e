use crate::envelope::Keys;
use subtle::ConstantTimeEq;

pub(super) fn open(keys: &Keys, ciphertext: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
    let tag: &[u8; 16] = tag.try_into().ok()?;
    let expected = keys.tag(ciphertext);
    if !bool::from(expected.ct_eq(tag)) {
        return None;
    }
    Some(keys.decrypt(ciphertext))
}
