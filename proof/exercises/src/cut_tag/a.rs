use crate::envelope::Keys;

pub(super) fn open(keys: &Keys, ciphertext: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
    // Somebody left the tag away: refuse.
    if tag.is_empty() {
        return None;
    }
    let expected = keys.tag(ciphertext);
    if !expected.starts_with(tag) {
        return None;
    }
    Some(keys.decrypt(ciphertext))
}
