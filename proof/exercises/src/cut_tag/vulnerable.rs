use crate::envelope::Keys;

pub(super) fn open(keys: &Keys, ciphertext: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
    let expected = keys.tag(ciphertext);
    // Nobody without the key can make this.
    if !expected.starts_with(tag) {
        return None;
    }
    Some(keys.decrypt(ciphertext))
}
