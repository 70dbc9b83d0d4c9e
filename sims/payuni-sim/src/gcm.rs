//! AES-256-GCM, composed here from AES and GHASH, so that a fault in the shop's cipher library cannot hide
//! behind the same fault on this side. The nonce has 16 bytes (PAYUNi's `HashIV`), so J0 comes from GHASH
//! (NIST SP 800-38D, section 7.1), not from padding.

use aes::Aes256;
use aes::cipher::{BlockCipherEncrypt as _, KeyInit as _};
use ghash::GHash;
use ghash::universal_hash::UniversalHash as _;

/// Length of the authentication tag; shorter ones are refused.
pub(crate) const TAG: usize = 16;

type Block = [u8; 16];

struct Gcm {
    aes: Aes256,
    subkey: Block,
    j0: Block,
}

impl Gcm {
    fn new(key: &[u8; 32], nonce: &Block) -> Self {
        let aes = Aes256::new(&(*key).into());
        let subkey = encrypt(&aes, [0; 16]);
        let mut hash = GHash::new(&subkey.into());
        hash.update_padded(nonce);
        hash.update_padded(&lengths(0, nonce.len()));
        Self {
            j0: hash.finalize().into(),
            aes,
            subkey,
        }
    }

    /// The key stream starts at J0 + 1; the last 32 bits count.
    fn apply(&self, data: &mut [u8]) {
        let (prefix, start) = self.j0.split_at(12);
        let start = u32::from_be_bytes([start[0], start[1], start[2], start[3]]);
        let mut counter = self.j0;
        for (i, chunk) in (1_u32..).zip(data.chunks_mut(16)) {
            counter[..12].copy_from_slice(prefix);
            counter[12..].copy_from_slice(&start.wrapping_add(i).to_be_bytes());
            for (byte, key) in chunk.iter_mut().zip(encrypt(&self.aes, counter)) {
                *byte ^= key;
            }
        }
    }

    fn tag(&self, ciphertext: &[u8]) -> Block {
        let mut hash = GHash::new(&self.subkey.into());
        hash.update_padded(ciphertext);
        hash.update_padded(&lengths(0, ciphertext.len()));
        let mut tag: Block = hash.finalize().into();
        for (byte, mask) in tag.iter_mut().zip(encrypt(&self.aes, self.j0)) {
            *byte ^= mask;
        }
        tag
    }
}

/// Seals `plaintext` without additional data.
pub(crate) fn seal(key: &[u8; 32], nonce: &Block, plaintext: &[u8]) -> (Vec<u8>, [u8; TAG]) {
    let gcm = Gcm::new(key, nonce);
    let mut data = plaintext.to_vec();
    gcm.apply(&mut data);
    let tag = gcm.tag(&data);
    (data, tag)
}

/// Opens what [`seal`] made; `None` where the tag is not exactly 16 bytes or does not fit.
pub(crate) fn open(
    key: &[u8; 32],
    nonce: &Block,
    ciphertext: &[u8],
    tag: &[u8],
) -> Option<Vec<u8>> {
    let gcm = Gcm::new(key, nonce);
    if !same(&gcm.tag(ciphertext), tag) {
        return None;
    }
    let mut data = ciphertext.to_vec();
    gcm.apply(&mut data);
    Some(data)
}

/// Compares without telling by its time where the first difference is.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0_u8, |acc, (x, y)| acc | (x ^ y)) == 0
}

fn encrypt(aes: &Aes256, block: Block) -> Block {
    let mut block = block.into();
    aes.encrypt_block(&mut block);
    block.into()
}

fn lengths(aad: usize, data: usize) -> Block {
    let bits = |bytes: usize| (u64::try_from(bytes).unwrap_or(u64::MAX) << 3).to_be_bytes();
    let mut block = [0; 16];
    block[..8].copy_from_slice(&bits(aad));
    block[8..].copy_from_slice(&bits(data));
    block
}
