//! Ciphers as they are tried on a message that the right one does not open: GCM with any nonce and any length of tag, and CBC.
//! The product has none of this; composed from AES and GHASH, since no library takes nonces of every length.

use aes::cipher::{BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use aes::{Aes128, Aes192, Aes256};
use ghash::GHash;
use ghash::universal_hash::UniversalHash as _;

pub(crate) const BLOCK: usize = 16;
type Block = [u8; BLOCK];

enum Aes {
    A128(Box<Aes128>),
    A192(Box<Aes192>),
    A256(Box<Aes256>),
}

impl Aes {
    fn new(key: &[u8]) -> Option<Self> {
        Some(match key.len() {
            16 => Self::A128(Box::new(Aes128::new_from_slice(key).ok()?)),
            24 => Self::A192(Box::new(Aes192::new_from_slice(key).ok()?)),
            32 => Self::A256(Box::new(Aes256::new_from_slice(key).ok()?)),
            _ => return None,
        })
    }

    fn encrypt(&self, block: Block) -> Block {
        let mut block = block.into();
        match self {
            Self::A128(aes) => aes.encrypt_block(&mut block),
            Self::A192(aes) => aes.encrypt_block(&mut block),
            Self::A256(aes) => aes.encrypt_block(&mut block),
        }
        block.into()
    }

    fn decrypt(&self, block: Block) -> Block {
        let mut block = block.into();
        match self {
            Self::A128(aes) => aes.decrypt_block(&mut block),
            Self::A192(aes) => aes.decrypt_block(&mut block),
            Self::A256(aes) => aes.decrypt_block(&mut block),
        }
        block.into()
    }
}

/// GCM without additional data (NIST SP 800-38D).
pub(crate) struct Gcm {
    aes: Aes,
    subkey: Block,
    j0: Block,
}

impl Gcm {
    /// Nothing for a key that AES does not take, or without a nonce.
    pub(crate) fn new(key: &[u8], nonce: &[u8]) -> Option<Self> {
        if nonce.is_empty() {
            return None;
        }
        let aes = Aes::new(key)?;
        let subkey = aes.encrypt([0; BLOCK]);
        let mut j0 = [0; BLOCK];
        if nonce.len() == 12 {
            j0[..12].copy_from_slice(nonce);
            j0[15] = 1;
        } else {
            j0 = ghash(&subkey, nonce);
        }
        Some(Self { aes, subkey, j0 })
    }

    /// What the key stream makes of a ciphertext, whether or not it is its own.
    pub(crate) fn stream(&self, ciphertext: &[u8]) -> Vec<u8> {
        let (prefix, start) = self.j0.split_at(12);
        let start = u32::from_be_bytes([start[0], start[1], start[2], start[3]]);
        let mut counter = self.j0;
        let mut out = ciphertext.to_vec();
        for (i, chunk) in (1_u32..).zip(out.chunks_mut(BLOCK)) {
            counter[..12].copy_from_slice(prefix);
            counter[12..].copy_from_slice(&start.wrapping_add(i).to_be_bytes());
            for (byte, key) in chunk.iter_mut().zip(self.aes.encrypt(counter)) {
                *byte ^= key;
            }
        }
        out
    }

    /// The tag that this ciphertext must have.
    pub(crate) fn tag(&self, ciphertext: &[u8]) -> Block {
        let mut tag = ghash(&self.subkey, ciphertext);
        for (byte, mask) in tag.iter_mut().zip(self.aes.encrypt(self.j0)) {
            *byte ^= mask;
        }
        tag
    }
}

/// GHASH of one text, padded, with its length in bits.
fn ghash(subkey: &Block, text: &[u8]) -> Block {
    let mut hash = GHash::new(&(*subkey).into());
    hash.update_padded(text);
    let mut lengths = [0; BLOCK];
    let bits = u64::try_from(text.len()).unwrap_or(u64::MAX) << 3;
    lengths[8..].copy_from_slice(&bits.to_be_bytes());
    hash.update_padded(&lengths);
    hash.finalize().into()
}

/// CBC with PKCS#7 padding; nothing where the padding is not one.
pub(crate) fn cbc(key: &[u8], iv: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>> {
    let aes = Aes::new(key)?;
    let mut before: Block = iv.try_into().ok()?;
    if ciphertext.is_empty() || !ciphertext.len().is_multiple_of(BLOCK) {
        return None;
    }
    let mut out = Vec::with_capacity(ciphertext.len());
    for chunk in ciphertext.chunks_exact(BLOCK) {
        let block: Block = chunk.try_into().ok()?;
        out.extend(aes.decrypt(block).iter().zip(before).map(|(a, b)| a ^ b));
        before = block;
    }
    let padding = usize::from(*out.last()?);
    let kept = out
        .len()
        .checked_sub(padding)
        .filter(|_| (1..=BLOCK).contains(&padding))?;
    let padded = out[kept..].iter().all(|b| usize::from(*b) == padding);
    padded.then(|| out[..kept].to_vec())
}
