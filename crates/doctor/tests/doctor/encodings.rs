//! Hex, base64 and the separator: missing, doubled, in other letters.

use crate::maker::{PLAIN, b64, form, found, halves, hash, input, only, sealed, text_of};
use doctor::{Id, Input};

fn of(encrypt_info: &str) -> Input {
    input(form(encrypt_info, &hash(encrypt_info)))
}

#[test]
fn base64_missing() {
    let (ciphertext, tag) = halves(PLAIN);
    let raw = [ciphertext.as_slice(), b":::", &tag].concat();
    only(&of(&hex::encode(raw)), Id::Base64Missing);
    let in_hex = format!("{}:::{}", hex::encode(&ciphertext), hex::encode(&tag));
    only(&of(&hex::encode(in_hex)), Id::Base64Missing);
    // PHP: base64 of the cipher text by itself, and the tag as it came.
    let half = [b64(&ciphertext).as_bytes(), b":::", &tag].concat();
    assert!(found(&of(&hex::encode(half))).contains(&Id::Base64Missing));
}

#[test]
fn base64_doubled() {
    only(&of(&hex::encode(b64(text_of(PLAIN)))), Id::Base64Twice);
    let (ciphertext, tag) = halves(PLAIN);
    let each = format!("{}:::{}", b64(b64(&ciphertext)), b64(b64(&tag)));
    only(&of(&hex::encode(each)), Id::Base64Twice);
    let one = format!("{}:::{}", b64(b64(&ciphertext)), b64(&tag));
    only(&of(&hex::encode(one)), Id::Base64Twice);
}

#[test]
fn base64_for_addresses() {
    let text = text_of(PLAIN).replace('+', "-").replace('/', "_");
    only(&of(&hex::encode(text.replace('=', ""))), Id::Base64Variant);
}

#[test]
fn hex_missing() {
    only(&of(&text_of(PLAIN)), Id::HexMissing);
    only(&of(&b64(text_of(PLAIN))), Id::HexMissing);
    only(&input(text_of(PLAIN)), Id::HexMissing);
}

#[test]
fn hex_doubled() {
    only(&of(&hex::encode(sealed(PLAIN))), Id::HexTwice);
}

#[test]
fn hex_in_upper_case() {
    let upper = sealed(PLAIN).to_uppercase();
    only(&of(&upper), Id::HexUppercase);
    let body = form(&upper, &hash(&sealed(PLAIN)));
    assert_eq!(found(&input(body)), [Id::HexUppercase, Id::HashOtherText]);
}

#[test]
fn hex_cut() {
    let whole = sealed(PLAIN);
    let cut = &whole[..whole.len() - 1];
    assert!(found(&input(form(cut, &hash(&whole)))).contains(&Id::HexBroken));
}

#[test]
fn separator_missing() {
    let (ciphertext, tag) = halves(PLAIN);
    let joined = [ciphertext.as_slice(), &tag].concat();
    only(&of(&hex::encode(b64(joined))), Id::SeparatorMissing);
    for separator in ["", ":", "::", ",", "."] {
        let text = format!("{}{separator}{}", b64(&ciphertext), b64(&tag));
        only(&of(&hex::encode(text)), Id::SeparatorMissing);
    }
    let raw = [ciphertext, tag].concat();
    let ids = found(&of(&hex::encode(raw)));
    assert_eq!(ids, [Id::Base64Missing, Id::SeparatorMissing]);
}

/// A plaintext whose base64 has a plus.
fn with_plus() -> String {
    (0..50)
        .map(|n| format!("{PLAIN}{n}"))
        .find(|plain| text_of(plain).contains('+'))
        .unwrap()
}

#[test]
fn plus_and_space() {
    let plain = with_plus();
    // base64 that went through a form raw, and was put into hex only then
    let text = text_of(&plain).replace('+', " ");
    only(&of(&hex::encode(text)), Id::PlusAsSpace);
    // an address in which nobody escaped the plus
    let mail = format!("{PLAIN}&UsrMail=x+y%40example.com");
    only(&of(&sealed(&mail)), Id::PlusAsSpace);
    // a time whose blank was escaped as if it were a plus
    let time = "Status=SUCCESS&MerID=S0001&PayTime=2023-11-15%2B06%3A13%3A20";
    only(&of(&sealed(time)), Id::PlusAsSpace);
    // a form glued together by hand, without hex
    let text = text_of(&plain);
    let body = format!(
        "MerID=S0001&Version=2.0&EncryptInfo={text}&HashInfo={}",
        hash(&text)
    );
    let ids = found(&input(body));
    assert_eq!(ids, [Id::PlusAsSpace, Id::HexMissing]);
}

#[test]
fn url_encoding_doubled() {
    let twice = format!("{PLAIN}&ReturnURL=https%253A%252F%252Fshop.example%252Fr");
    only(&of(&sealed(&twice)), Id::DoubleUrlEncoding);
    let twice = "MerID=S0001&Timestamp=1700000000&ProdDesc=%25E5%2595%2586%25E5%2593%2581";
    only(&of(&sealed(twice)), Id::DoubleUrlEncoding);
    let whole: String = form_urlencoded::byte_serialize(PLAIN.as_bytes()).collect();
    only(&of(&sealed(&whole)), Id::DoubleUrlEncoding);
    let body: String =
        form_urlencoded::byte_serialize(form(&sealed(PLAIN), &hash(&sealed(PLAIN))).as_bytes())
            .collect();
    only(&input(body), Id::DoubleUrlEncoding);
    let text: String = form_urlencoded::byte_serialize(text_of(PLAIN).as_bytes()).collect();
    only(&of(&hex::encode(text)), Id::DoubleUrlEncoding);
}

#[test]
fn lines_were_wrapped() {
    let text = text_of(PLAIN);
    let (head, tail) = text.split_at(60);
    only(
        &of(&hex::encode(format!("{head}\n{tail}"))),
        Id::ExtraCharacters,
    );
    let whole = sealed(PLAIN);
    let (head, tail) = whole.split_at(76);
    let wrapped = format!("{head}\r\n{tail}");
    only(&input(form(&wrapped, &hash(&whole))), Id::ExtraCharacters);
}

/// Found by the fuzzer: an escape leaves a character of several bytes, and a tag without its separator was cut off in the
/// middle of it.
#[test]
fn a_tag_is_never_cut_off_within_a_character() {
    for behind in 20..30 {
        let pasted = format!("26\t\t%%\t\t\t82{}", "z".repeat(behind));
        let input = Input::new(pasted.into_bytes(), doctor::Keys::new("", ""));
        assert_ne!(doctor::examine(&input).verdict, doctor::Verdict::Right);
    }
}
