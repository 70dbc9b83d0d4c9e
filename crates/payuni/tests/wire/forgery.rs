//! Why `HashInfo` is looked at first: under PAYUNi's fixed nonce a buyer can make ciphertexts whose tag is right.

use payuni::{Envelope, Notice, Refusal};

use crate::common::{body, gcm, hash, merchant, now, open_packed, pack};

/// Product in GCM's field.
fn mul(x: u128, mut y: u128) -> u128 {
    let mut product = 0;
    for bit in (0..128).rev() {
        if x >> bit & 1 == 1 {
            product ^= y;
        }
        y = y >> 1 ^ if y & 1 == 1 { 0xe1 << 120 } else { 0 };
    }
    product
}

/// Inverse in GCM's field: x to the power of 2^128 - 2.
fn invert(x: u128) -> u128 {
    let (mut power, mut inverse) = (x, 1 << 127);
    for _ in 1..128 {
        power = mul(power, power);
        inverse = mul(inverse, power);
    }
    inverse
}

fn last_block(bytes: &[u8]) -> u128 {
    u128::from_be_bytes(bytes[bytes.len() - 16..].try_into().unwrap())
}

#[test]
fn a_forged_tag_is_right_and_the_hash_refuses_it() {
    // The forger knows two of his own messages and their plaintexts, alike but for the last block, and no key.
    let head = b"Status=SUCCESS&Message=ok&MerID=S0001&MerTradeNo=O1&TradeNo=G1&TradeAmt=1000&PaymentType=1&a=aa&";
    assert_eq!(head.len() % 16, 0);
    let message = |block: &[u8; 16]| [&head[..], block].concat();
    let (one, two) = (message(b"TradeStatus=0&a1"), message(b"TradeStatus=2&b1"));
    let ((c1, t1), (c2, t2)) = (gcm(&one), gcm(&two));

    let square = mul(
        last_block(&t1) ^ last_block(&t2),
        invert(last_block(&c1) ^ last_block(&c2)),
    );
    let forged = message(b"TradeStatus=1&b=");
    let changed = last_block(&one) ^ last_block(&forged);
    let mut ciphertext = c1.clone();
    let at = ciphertext.len() - 16;
    ciphertext[at..].copy_from_slice(&(last_block(&c1) ^ changed).to_be_bytes());
    let tag = (last_block(&t1) ^ mul(changed, square)).to_be_bytes();
    let forgery = pack(&ciphertext, &tag);

    // GCM has nothing against it: with the right hash it would be a payment.
    let believed = Notice::read(open_packed(&forgery).unwrap())
        .unwrap()
        .into_payment()
        .unwrap();
    assert!(believed.paid());
    // But the hash needs the key; those that the forger has seen do not fit.
    for seen in [hash(&pack(&c1, &t1)), hash(&pack(&c2, &t2))] {
        let opened = Envelope::from_form(&body(&forgery, &seen))
            .unwrap()
            .open(&merchant(), now());
        assert_eq!(opened, Err(Refusal::Hash));
    }
}
