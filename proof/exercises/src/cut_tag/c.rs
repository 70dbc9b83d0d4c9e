use crate::envelope::Keys;

pub(super) fn open(keys: &Keys, ciphertext: &[u8], tag: &[u8]) -> Option<Vec<u8>> {
    let expected = keys.tag(ciphertext);
    // In constant time: no early return, every byte is looked at.
    let mut difference = 0;
    for (ours, theirs) in expected.iter().zip(tag) {
        difference |= ours ^ theirs;
    }
    if difference != 0 {
        return None;
    }
    Some(keys.decrypt(ciphertext))
}
