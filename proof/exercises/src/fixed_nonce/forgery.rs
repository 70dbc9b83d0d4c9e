//! What two messages under one nonce give away (Joux, "Authentication Failures in NIST version of GCM", 2006): the key
//! stream, and the secret of the tag. Nothing here sees a key.

use crate::envelope::Parts;

const BLOCK: usize = 16;

/// An element of GF(2^128), with GCM's order of bits: the highest is the coefficient of 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Element(u128);

impl Element {
    /// Up to sixteen bytes, with zeros behind.
    fn of(bytes: &[u8]) -> Self {
        let mut block = [0; BLOCK];
        block[..bytes.len()].copy_from_slice(bytes);
        Self(u128::from_be_bytes(block))
    }

    fn plus(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }

    fn times(self, other: Self) -> Self {
        let (mut product, mut shifted) = (0, other.0);
        for bit in (0..128).rev() {
            if self.0 >> bit & 1 == 1 {
                product ^= shifted;
            }
            let carry = shifted & 1 == 1;
            shifted >>= 1;
            if carry {
                shifted ^= 0xE1 << 120;
            }
        }
        Self(product)
    }

    fn squared(self, times: u32) -> Self {
        (0..times).fold(self, |element, _| element.times(element))
    }

    /// Every element to the power of 2^128 is itself.
    fn root(self) -> Self {
        self.squared(127)
    }

    /// To the power of 2^128 - 2 = 2 + 4 + … + 2^127.
    fn inverse(self) -> Self {
        let powers = (1..128).map(|times| self.squared(times));
        powers.fold(Self(1 << 127), Self::times)
    }
}

/// The key stream that a message with a known content betrays.
pub(super) fn key_stream(message: &Parts, content: &[u8]) -> Vec<u8> {
    applied(content, &message.ciphertext)
}

/// Encrypts or decrypts with a known key stream.
pub(super) fn applied(stream: &[u8], text: &[u8]) -> Vec<u8> {
    stream.iter().zip(text).map(|(a, b)| a ^ b).collect()
}

/// All that a tag needs besides its ciphertext.
pub(super) struct Secret {
    hash_key: Element,
    mask: Element,
}

impl Secret {
    /// From two messages of the same length that differ in their last block only. That block is multiplied by the square of
    /// the hash key, all else cancels out, and in this field a square has one root.
    pub(super) fn recovered(first: &Parts, second: &Parts) -> Self {
        let last = |parts: &Parts| {
            let block = parts.ciphertext.chunks(BLOCK).last();
            Element::of(block.unwrap_or_default())
        };
        let differ = last(first).plus(last(second));
        let tags_differ = Element::of(&first.tag).plus(Element::of(&second.tag));
        let hash_key = tags_differ.times(differ.inverse()).root();
        let mask = Element::of(&first.tag).plus(ghash(hash_key, &first.ciphertext));
        Self { hash_key, mask }
    }

    /// A message with any content, and the tag that belongs to it.
    pub(super) fn seal(&self, stream: &[u8], content: &[u8]) -> Parts {
        assert!(
            content.len() <= stream.len(),
            "more than the stream that is known"
        );
        let ciphertext = applied(stream, content);
        let tag = ghash(self.hash_key, &ciphertext).plus(self.mask);
        Parts {
            tag: tag.0.to_be_bytes().to_vec(),
            ciphertext,
        }
    }
}

fn ghash(key: Element, ciphertext: &[u8]) -> Element {
    let blocks = ciphertext.chunks(BLOCK).map(Element::of);
    let bits = ciphertext.iter().map(|_| 8_u128).sum();
    let zero = Element(0);
    blocks
        .chain([Element(bits)])
        .fold(zero, |hash, block| hash.plus(block).times(key))
}
