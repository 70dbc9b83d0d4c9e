//! What the envelope refuses: everything but what the key's holder sealed, byte for byte.

use crate::common::{IV, KEY, body, gcm, merchant, now, open_packed, open_plaintext, pack};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use jiff::SignedDuration;
use payuni::{Envelope, KeyId, Keyring, Keys, Merchant, Refusal, Reply, fields, seal};
use sha2::{Digest, Sha256};

/// A result of ours: `EncryptInfo` and `HashInfo`.
pub(crate) fn good() -> (String, String) {
    let sealed = seal(
        &merchant(),
        "1.0",
        &[
            ("Status", "SUCCESS"),
            ("MerID", "S0001"),
            ("TradeAmt", "1000"),
        ],
    );
    (sealed.encrypt_info, sealed.hash_info)
}

/// Whether a body opens.
pub(crate) fn open(body: &[u8]) -> Result<(), Refusal> {
    Envelope::from_form(body)?
        .open(&merchant(), now())
        .map(|_| ())
}

#[test]
fn every_flipped_bit_is_refused() {
    let (encrypt_info, hash_info) = good();
    let whole = body(&encrypt_info, &hash_info);
    let from = whole.len() - hash_info.len() - "&HashInfo=".len() - encrypt_info.len();
    for i in from..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[i] ^= 1 << bit;
            assert!(open(&flipped).is_err(), "byte {i}, bit {bit}");
        }
    }
    assert_eq!(open(&whole), Ok(()));
}

#[test]
fn every_flipped_bit_of_ciphertext_and_tag_fails_even_with_the_right_hash() {
    let (ciphertext, tag) = gcm(b"Status=SUCCESS&TradeAmt=1000");
    for i in 0..(ciphertext.len() + tag.len()) * 8 {
        let mut both = [ciphertext.clone(), tag.clone()].concat();
        both[i / 8] ^= 1 << (i % 8);
        let (ciphertext, tag) = both.split_at(ciphertext.len());
        assert_eq!(
            open_packed(&pack(ciphertext, tag)).unwrap_err(),
            Refusal::Tag
        );
    }
}

#[test]
fn only_sixteen_bytes_are_a_tag() {
    let (ciphertext, tag) = gcm(b"Status=SUCCESS&TradeAmt=1000");
    let longer: Vec<u8> = tag.iter().copied().chain([0]).collect();
    for length in [0, 1, 4, 8, 12, 13, 14, 15, 17] {
        assert_eq!(
            open_packed(&pack(&ciphertext, &longer[..length])).unwrap_err(),
            Refusal::Tag,
            "{length} bytes"
        );
    }
    assert!(open_packed(&pack(&ciphertext, &tag)).is_ok());
}

#[test]
fn a_hash_has_one_form_only() {
    let (encrypt_info, hash_info) = good();
    let wide: String = hash_info
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
        .collect();
    let games = [
        hash_info.to_lowercase(),
        format!("{hash_info} "),
        format!(" {hash_info}"),
        format!("{hash_info}0"),
        hash_info[..63].to_owned(),
        wide,
        "0".repeat(64),
        format!("0E{}", "0".repeat(62)),
        "0".to_owned(),
        "true".to_owned(),
        r#"["x"]"#.to_owned(),
    ];
    for game in games {
        assert_eq!(
            open(&body(&encrypt_info, &game)),
            Err(Refusal::Hash),
            "{game}"
        );
    }
    for game in [
        format!("{hash_info}\0"),
        format!("{hash_info}\n"),
        String::new(),
    ] {
        assert!(matches!(
            open(&body(&encrypt_info, &game)),
            Err(Refusal::Malformed(_))
        ));
    }
}

#[test]
fn a_hash_without_the_key_is_refused() {
    let (encrypt_info, _) = good();
    let upper = |text: String| hex::encode_upper(Sha256::digest(text));
    let confusions = [
        upper(encrypt_info.clone()),
        upper(format!("{IV}{encrypt_info}{KEY}")),
        upper(format!("{KEY}{encrypt_info}")),
        upper(format!("{encrypt_info}{IV}")),
        upper(format!("HashKey={KEY}&{encrypt_info}&HashIV={IV}")),
        upper(format!("{KEY}{}{IV}", encrypt_info.to_uppercase())),
    ];
    for confusion in confusions {
        assert_eq!(open(&body(&encrypt_info, &confusion)), Err(Refusal::Hash));
    }
}

/// Else whoever holds one sealed message could have as many others written down as he likes.
#[test]
fn what_nobody_signed_makes_no_other_message() {
    let (encrypt_info, hash_info) = good();
    let digest = |body: &[u8]| Envelope::from_form(body).unwrap().digest();
    let first = body(&encrypt_info, &hash_info);
    let padded = [&first[..], b"&x=1"].concat();
    let other_version = String::from_utf8(first.clone())
        .unwrap()
        .replace("Version=1.0", "Version=2.0");
    assert_eq!(digest(&first), digest(&padded));
    assert_eq!(digest(&first), digest(other_version.as_bytes()));
    assert_ne!(digest(&first), digest(&body("00", &hash_info)));
}

/// Some clients take an error outside for an answer and look no further.
#[test]
fn no_status_outside_excuses_the_hash() {
    let (encrypt_info, hash_info) = good();
    let wrong = format!("{}{}", &hash_info[1..], &hash_info[..1]);
    for status in ["ERROR", "SUCCESS", "FAIL", "OK", "0"] {
        let form = fields::encode([
            ("Status", status),
            ("MerID", "S0001"),
            ("EncryptInfo", &encrypt_info),
            ("HashInfo", &wrong),
        ]);
        assert_eq!(open(form.as_bytes()), Err(Refusal::Hash), "{status}");
        let json = format!(
            r#"{{"Status":"{status}","EncryptInfo":"{encrypt_info}","HashInfo":"{wrong}"}}"#
        );
        let Ok(Reply::Sealed(envelope)) = Envelope::from_json(json.as_bytes()) else {
            panic!("not sealed")
        };
        assert_eq!(
            envelope.open(&merchant(), now()).unwrap_err(),
            Refusal::Hash,
            "{status}"
        );
    }
}

#[test]
fn the_right_hash_does_not_excuse_another_encoding() {
    // 0xfb and 0xff give '-' and '_' in the URL alphabet; a length that needs padding shows where it is missing.
    let (ciphertext, tag) = gcm(b"a=12345678901234567890123456789012345");
    let (ct, t) = (STANDARD.encode(&ciphertext), STANDARD.encode(&tag));
    let plain = |text: String| hex::encode(text);
    let cases = [
        ("a third part", plain(format!("{ct}:::{t}:::x"))),
        ("a longer separator", plain(format!("{ct}::::{t}"))),
        ("no separator", plain(format!("{ct}{t}"))),
        ("two colons", plain(format!("{ct}::{t}"))),
        (
            "no padding",
            plain(format!("{ct}:::{}", STANDARD_NO_PAD.encode(&tag))),
        ),
        (
            "the URL alphabet",
            plain(format!("{}:::{t}", URL_SAFE.encode([0xfb, 0xff, 0xfe]))),
        ),
        (
            "white space",
            plain(format!("{ct}:::{} {}", &t[..4], &t[4..])),
        ),
        ("a line end", plain(format!("{ct}:::{t}\n"))),
        (
            "trailing bits",
            plain(format!("{ct}:::{}B==", &t[..t.len() - 3])),
        ),
        (
            "upper-case hex",
            plain(format!("{ct}:::{t}")).to_uppercase(),
        ),
        ("odd hex", format!("{}0", plain(format!("{ct}:::{t}")))),
        ("not hex", "zz".to_owned()),
        ("not UTF-8", hex::encode([0xff, b':', b':', b':'])),
    ];
    for (name, encrypt_info) in cases {
        assert_eq!(
            open_packed(&encrypt_info).unwrap_err(),
            Refusal::Encoding,
            "{name}"
        );
    }
}

#[test]
fn what_is_sealed_must_be_a_form() {
    for plaintext in [
        &b"Status"[..],
        b"=1",
        b"a=%zz",
        b"a=\xff",
        b"a=%C0%AF",
        b"a=1&&b=2",
        br#"{"Status":"SUCCESS"}"#,
    ] {
        assert_eq!(open_plaintext(plaintext).unwrap_err(), Refusal::Plaintext);
    }
    assert_eq!(
        open_plaintext(b"TradeAmt=1000&TradeAmt=1").unwrap_err(),
        Refusal::DuplicateField
    );
    assert_eq!(
        open_plaintext(b"TradeAmt=1000&%54radeAmt=1").unwrap_err(),
        Refusal::DuplicateField
    );
}

#[test]
fn the_outer_form_is_strict() {
    let (e, h) = good();
    let cases = [
        format!("EncryptInfo={e}&EncryptInfo={e}&HashInfo={h}"),
        format!("EncryptInfo={e}&HashInfo={h}&HashInfo={h}"),
        format!("EncryptInfo={e}&HashInfo={h}&Hash%49nfo={h}"),
        format!("EncryptInfo={e}&HashInfo={h}&Status=a&Status=b"),
        format!("EncryptInfo[]={e}&HashInfo={h}"),
        format!("EncryptInfo={e};HashInfo={h}"),
        format!("EncryptInfo={e}"),
        format!("HashInfo={h}"),
        format!("Status=ERROR&EncryptInfo={e}"),
        "EncryptInfo=&HashInfo=".to_owned(),
        format!("EncryptInfo={e}&HashInfo={h}&a=%00"),
        format!("EncryptInfo={e}&HashInfo={h}&a=%u0053"),
        format!("EncryptInfo={e}&HashInfo={h}&a=%zz"),
        format!("EncryptInfo={e}&HashInfo={h}&a=%C0%AF"),
        format!("EncryptInfo={e}&HashInfo={h}&a=%ED%A0%80"),
        format!("\u{feff}EncryptInfo={e}&HashInfo={h}"),
        format!("EncryptInfo={e}&HashInfo={h}\r\n"),
        format!("EncryptInfo={e}&HashInfo={h}&Status=成功"),
        String::new(),
        format!("EncryptInfo={}&HashInfo={h}", "0".repeat(70_000)),
    ];
    for case in cases {
        assert_eq!(
            Envelope::from_form(case.as_bytes()).unwrap_err().code(),
            "L2.malformed",
            "{case:.80}"
        );
    }
    let utf16: Vec<u8> = format!("EncryptInfo={e}&HashInfo={h}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        Envelope::from_form(&utf16).unwrap_err().code(),
        "L2.malformed"
    );
    // Decoded once: an escaped escape is not what was hashed.
    let twice = format!(
        "EncryptInfo=%25{:02X}{}&HashInfo={h}",
        e.as_bytes()[0],
        &e[1..]
    );
    assert_eq!(open(twice.as_bytes()), Err(Refusal::Hash));
    assert_eq!(
        open(format!("IsPlatForm=&EncryptInfo={e}&HashInfo={h}").as_bytes()),
        Ok(())
    );
}

#[test]
fn the_outside_may_be_silent_but_not_contradict() {
    let outer = |status: &str, mer_id: &str, inner: &[(&str, &str)]| {
        let sealed = seal(&merchant(), "1.0", inner);
        let pairs = [
            ("Status", status),
            ("MerID", mer_id),
            ("EncryptInfo", &sealed.encrypt_info),
            ("HashInfo", &sealed.hash_info),
        ];
        open(fields::encode(pairs).as_bytes())
    };
    let paid = [("Status", "SUCCESS"), ("MerID", "S0001")];
    let unapproved = [("Status", "UNAPPROVED"), ("MerID", "S0001")];
    assert_eq!(outer("SUCCESS", "S0001", &paid), Ok(()));
    assert_eq!(outer("", "", &paid), Ok(()));
    assert_eq!(outer("Unapproved", "S0001", &unapproved), Ok(()));
    assert_eq!(
        outer("SUCCESS", "S0001", &unapproved),
        Err(Refusal::StatusDisagrees)
    );
    assert_eq!(outer("FAIL", "S0001", &paid), Err(Refusal::StatusDisagrees));
    assert_eq!(
        outer("SUCCESS", "OTHER", &paid),
        Err(Refusal::MerchantOuter)
    );
    // Signed and not ours: a fact for a person, not a broken message.
    assert_eq!(
        outer(
            "SUCCESS",
            "S0001",
            &[("Status", "SUCCESS"), ("MerID", "OTHER")]
        ),
        Ok(())
    );
}

#[test]
fn an_old_key_opens_only_within_its_grace() {
    let new = Keys::parse("abcdefghijklmnopqrstuvwxyz012345", "abcdefghijklmnop").unwrap();
    let old = merchant().keyring.current;
    let (encrypt_info, hash_info) = good();
    let envelope = Envelope::from_form(&body(&encrypt_info, &hash_info)).unwrap();
    let during = Merchant {
        id: merchant().id,
        keyring: Keyring {
            current: new.clone(),
            previous: Some((old, now())),
        },
    };
    let second = SignedDuration::from_secs(1);
    assert_eq!(
        envelope.open(&during, now() - second).unwrap().key_id(),
        KeyId::Previous
    );
    assert_eq!(envelope.open(&during, now()).unwrap_err(), Refusal::Hash);
    let after = Merchant {
        id: merchant().id,
        keyring: new.into(),
    };
    assert_eq!(
        envelope.open(&after, now() - second).unwrap_err(),
        Refusal::Hash
    );
    assert_eq!(
        envelope.open(&merchant(), now()).unwrap().key_id(),
        KeyId::Current
    );
}

#[test]
fn a_reply_is_sealed_or_a_mere_hint() {
    let (e, h) = good();
    let json = |text: &str| Envelope::from_json(text.as_bytes());
    let sealed = format!(
        r#"{{"Status":"SUCCESS","MerID":"S0001","Version":"2.0","EncryptInfo":"{e}","HashInfo":"{h}"}}"#
    );
    let Ok(Reply::Sealed(envelope)) = json(&sealed) else {
        panic!("not sealed")
    };
    assert_eq!(
        envelope.open(&merchant(), now()).unwrap().get("TradeAmt"),
        Some("1000")
    );
    for hint in [
        r#"{"Status":"DEF01007","MerID":"S0001"}"#,
        r#"{"Status":"DEF01007","EncryptInfo":""}"#,
        r#"{"Status":"DEF01007","EncryptInfo":null}"#,
    ] {
        assert_eq!(
            json(hint),
            Ok(Reply::Unsealed {
                status: "DEF01007".to_owned()
            })
        );
    }
    let no_hash = format!(r#"{{"Status":"ERROR","EncryptInfo":"{e}"}}"#);
    let twice = format!(r#"{{"Status":"a","Status":"b","EncryptInfo":"{e}","HashInfo":"{h}"}}"#);
    let nested = format!(r#"{{"EncryptInfo":["{e}"],"HashInfo":"{h}"}}"#);
    for bad in [
        "",
        "<html>",
        "[]",
        "{}",
        "null",
        &no_hash,
        &twice,
        &nested,
        &"[".repeat(100_000),
    ] {
        assert_eq!(json(bad).unwrap_err().code(), "L2.malformed", "{bad:.60}");
    }
}

#[test]
fn nothing_sealed_is_printed() {
    let (e, h) = good();
    let envelope = Envelope::from_form(&body(&e, &h)).unwrap();
    let sealed = seal(&merchant(), "1.0", &[("a", "secret")]);
    let printed = format!(
        "{envelope:?} {sealed:?} {:?}",
        envelope.open(&merchant(), now())
    );
    assert!(
        !printed.contains(&e[..16])
            && !printed.contains(&h)
            && !printed.contains(&sealed.encrypt_info),
        "{printed}"
    );
    assert!(
        !printed.contains("1000") && !printed.contains(KEY) && !printed.contains(IV),
        "{printed}"
    );
}
