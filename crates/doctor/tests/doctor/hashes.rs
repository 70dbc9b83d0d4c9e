//! `HashInfo` computed in other ways.

use crate::maker::{IV, KEY, PLAIN, b64, form, hash, input, only, sealed, sha, text_of};
use doctor::{Id, Input};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest, Sha256, Sha512};

fn with(hash_info: &str) -> Input {
    input(form(&sealed(PLAIN), hash_info))
}

fn hmac(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex::encode_upper(mac.finalize().into_bytes())
}

#[test]
fn without_keys() {
    let e = sealed(PLAIN);
    for parts in [[&e, "", ""], [KEY, &e, ""], ["", &e, IV]] {
        only(&with(&sha(&parts)), Id::HashWithoutKeys);
    }
}

#[test]
fn keys_in_another_order() {
    let e = sealed(PLAIN);
    for parts in [[IV, &e, KEY], [KEY, IV, &e], [&e, KEY, IV], [IV, KEY, &e]] {
        only(&with(&sha(&parts)), Id::HashKeyOrder);
    }
}

#[test]
fn an_hmac() {
    let e = sealed(PLAIN);
    only(&with(&hmac(KEY, &e)), Id::HashHmac);
    only(&with(&hmac(KEY, &format!("{e}{IV}"))), Id::HashHmac);
    only(&with(&hmac(&format!("{KEY}{IV}"), &e)), Id::HashHmac);
}

#[test]
fn in_lower_case() {
    only(
        &with(&hash(&sealed(PLAIN)).to_lowercase()),
        Id::HashLowercase,
    );
}

#[test]
fn not_in_hex() {
    let digest = Sha256::digest(format!("{KEY}{}{IV}", sealed(PLAIN)));
    only(&with(&b64(digest)), Id::HashNotHex);
}

#[test]
fn as_other_gateways_do() {
    let e = sealed(PLAIN);
    let labelled = sha(&["HashKey=", KEY, "&", &e, "&HashIV=", IV]);
    only(&with(&labelled), Id::HashLabelled);
}

#[test]
fn over_another_text() {
    let mut sorted: Vec<&str> = PLAIN.split('&').collect();
    sorted.sort_unstable();
    let text = text_of(PLAIN);
    let other = [
        PLAIN,
        &sorted.join("&"),
        &text,
        text.split(":::").next().unwrap(),
        &sealed(PLAIN).to_uppercase(),
    ];
    for text in other {
        only(&with(&sha(&[KEY, text, IV])), Id::HashOtherText);
    }
}

#[test]
fn with_another_algorithm() {
    let digest = Sha512::digest(format!("{KEY}{}{IV}", sealed(PLAIN)));
    only(&with(&hex::encode_upper(digest)), Id::HashOtherAlgorithm);
}

#[test]
fn of_another_message() {
    only(
        &with(&hash(&sealed("MerID=S0001&Other=1"))),
        Id::HashUnknown,
    );
}
