//! What holds of every envelope.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payuni::{Envelope, Fields, Refusal, fields, seal};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::{merchant, now, open_packed, open_pairs, open_plaintext};
use crate::envelope::{good, open};

fn distinct_pairs() -> impl Strategy<Value = Vec<(String, String)>> {
    vec((".{1,12}", ".{0,40}"), 0..12).prop_map(|mut pairs: Vec<(String, String)>| {
        pairs.sort();
        pairs.dedup_by(|a, b| a.0 == b.0);
        pairs
    })
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same(pairs in distinct_pairs()) {
        let borrowed: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        // A contradiction with the outer SUCCESS is another test's matter.
        prop_assume!(borrowed.iter().all(|(n, _)| *n != "Status" && *n != "MerID"));
        let sealed = seal(&merchant(), "1.0", &borrowed);
        let opened = Envelope::from_form(sealed.form_body().as_bytes()).unwrap().open(&merchant(), now()).unwrap();
        prop_assert_eq!(opened.iter().collect::<Vec<_>>(), borrowed);
    }

    #[test]
    fn another_reader_of_forms_reads_the_same(pairs in distinct_pairs()) {
        let text = fields::encode(pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())));
        let theirs: Vec<(String, String)> = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        prop_assert_eq!(&theirs, &pairs);
        prop_assert_eq!(Fields::parse(text.as_bytes()).unwrap().encode(), text);
    }

    #[test]
    fn any_changed_byte_is_refused(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let (encrypt_info, hash_info) = good();
        let text = format!("EncryptInfo={encrypt_info}&HashInfo={hash_info}").into_bytes();
        let mut changed = text.clone();
        let i = at.index(text.len());
        prop_assume!(changed[i] != to);
        changed[i] = to;
        prop_assert!(open(&changed).is_err());
    }

    #[test]
    fn what_is_accepted_is_the_one_encoding(ciphertext in vec(any::<u8>(), 0..50), junk in ".{0,3}", at in any::<prop::sample::Index>()) {
        // Whatever is written into the text between hex and base64, only the canonical form reaches the tag.
        let mut text = format!("{}:::{}", STANDARD.encode(&ciphertext), STANDARD.encode([0; 16]));
        let at = at.index(text.len());
        text.insert_str(at, &junk);
        let refusal = open_packed(&hex::encode(&text)).unwrap_err();
        let parts: Vec<&str> = text.split(":::").collect();
        let canonical = parts.len() == 2
            && parts.iter().all(|part| STANDARD.decode(part).is_ok_and(|bytes| STANDARD.encode(bytes) == *part));
        prop_assert_eq!(refusal == Refusal::Tag, canonical, "{}", text);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in vec(any::<u8>(), 0..300)) {
        drop(Envelope::from_form(&bytes));
        drop(Envelope::from_json(&bytes));
        drop(Fields::parse(&bytes).map(|fields| fields.rows()));
        let packed = hex::encode(&bytes);
        prop_assert!(open_packed(&packed).is_err());
        if let Ok(opened) = open_plaintext(&bytes) {
            drop(payuni::Notice::read(opened));
        }
    }

    #[test]
    fn no_form_makes_a_reader_panic(text in "[A-Za-z0-9=&%+:\\[\\]{}\"]{0,200}") {
        drop(Envelope::from_form(text.as_bytes()));
        drop(Envelope::from_json(text.as_bytes()));
        if let Ok(fields) = Fields::parse(text.as_bytes()) {
            prop_assert_eq!(Fields::parse(fields.encode().as_bytes()), Ok(fields));
        }
    }

    #[test]
    fn no_values_make_a_notice_or_reply_panic(values in vec("[0-9A-Za-z:\\- 訂]{0,20}", 12)) {
        let names = ["Status", "Message", "MerID", "MerTradeNo", "TradeNo", "TradeAmt", "TradeStatus", "PaymentType", "PayTime", "CardInst", "Card4No", "ExpireDate"];
        let pairs: Vec<_> = names.iter().copied().zip(values.iter().map(String::as_str)).collect();
        drop(payuni::Notice::read(open_pairs(&pairs).unwrap()));
        let rows: Vec<(String, &str)> = pairs.iter().map(|(n, v)| (format!("Result[0][{n}]"), *v)).collect();
        let mut rows: Vec<(&str, &str)> = rows.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        rows.push(("Status", "SUCCESS"));
        let asked = payuni::trade_query::Asked::MerTradeNo(payuni::MerTradeNo::parse("A").unwrap());
        drop(payuni::QueryReply::read(open_pairs(&rows).unwrap(), &asked));
    }
}
