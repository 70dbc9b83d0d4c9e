//! A sealed message taken apart, layer by layer, for people who look. It proves nothing: what is to be believed goes
//! through [`Envelope::open`](crate::Envelope::open).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::cipher;
use crate::envelope::{MAX_REPLY_BYTES, SEPARATOR, hash_info};
use crate::fields::Fields;
use crate::json::Json;
use crate::merchant::{Keys, Merchant};

/// What is shown in the place of what people must not see.
const HIDDEN: &str = "••••";

/// How the message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outer {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// A JSON object.
    Json,
}

/// The layers of a sealed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anatomy {
    /// The fields outside, as sent; nobody signed those other than `EncryptInfo`.
    pub outer: Vec<(String, String)>,
    /// `EncryptInfo` out of its hexadecimal digits: two base64 texts with `:::` between them.
    pub text: String,
    /// How many bytes of cipher text there are.
    pub cipher_bytes: usize,
    /// The tag, as hex.
    pub tag: String,
    /// Whether `HashInfo` is the one that a holder of our keys makes.
    pub hash_holds: bool,
    /// Whether the tag fits.
    pub tag_holds: bool,
    /// The fields inside, in their order, with what people must not see hidden; empty where it does not open.
    pub fields: Vec<(String, String)>,
}

impl Anatomy {
    /// Takes a message apart with the merchant's keys, the present ones or the ones before, whatever their last day was.
    ///
    /// `None` where it is no sealed message at all: no `EncryptInfo`, or one that is not hex of two base64 texts.
    #[must_use]
    pub fn of(body: &[u8], outer: Outer, merchant: &Merchant) -> Option<Self> {
        if body.len() > MAX_REPLY_BYTES {
            return None;
        }
        let pairs = match outer {
            Outer::Form => Fields::parse(body).ok()?.iter().map(own).collect(),
            Outer::Json => Json::parse(body)?.flatten()?,
        };
        let find = |name: &str| {
            let mut found = pairs.iter().filter(|(known, _)| known == name);
            found.next().map(|(_, value)| value.clone())
        };
        let sealed = find("EncryptInfo")?;
        let text = String::from_utf8(hex::decode(&sealed).ok()?).ok()?;
        let (cipher_text, tag) = text.split_once(SEPARATOR)?;
        let (cipher_text, tag) = (
            STANDARD.decode(cipher_text).ok()?,
            STANDARD.decode(tag).ok()?,
        );
        let hash = find("HashInfo").unwrap_or_default();
        let ring = &merchant.keyring;
        let holds = |keys: &&Keys| hash_info(keys, &sealed) == hash;
        let previous = ring.previous.as_ref().map(|(keys, _)| keys);
        let by_hash = Some(&ring.current).filter(holds).or(previous.filter(holds));
        let plain = <[u8; cipher::TAG_LEN]>::try_from(tag.as_slice())
            .ok()
            .and_then(|tag| cipher::decrypt(by_hash.unwrap_or(&ring.current), &cipher_text, &tag));
        let fields = plain.as_deref().map(read).unwrap_or_default();
        Some(Self {
            outer: pairs,
            cipher_bytes: cipher_text.len(),
            tag: hex::encode(&tag),
            hash_holds: by_hash.is_some(),
            tag_holds: plain.is_some(),
            fields,
            text,
        })
    }

    /// Returns a field from inside.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

fn own((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn read(plain: &[u8]) -> Vec<(String, String)> {
    let pairs = if plain.first() == Some(&b'{') {
        Json::parse(plain).and_then(Json::flatten)
    } else {
        Fields::parse(plain)
            .ok()
            .map(|fields| fields.iter().map(own).collect())
    };
    let hidden = |(name, value): (String, String)| {
        let value = hide(&name, value);
        (name, value)
    };
    pairs.unwrap_or_default().into_iter().map(hidden).collect()
}

/// Card digits, binding tokens and people's addresses are not for whoever looks on (PAYUNi docs pages 34 and 172 name the
/// fields; a query's rows carry them as `Result[0][Card4No]`).
fn hide(name: &str, value: String) -> String {
    let last = name
        .rsplit('[')
        .next()
        .unwrap_or(name)
        .trim_end_matches(']');
    let secret = last.starts_with("Card4")
        || last.starts_with("Card6")
        || last.contains("CardNo")
        || last.contains("CVC")
        || last.contains("Hash")
        || last.contains("Token")
        || last.contains("Mail")
        || last.contains("Mobile")
        || last.contains("Phone")
        || last == "AuthCode"
        || last == "Account";
    if secret && !value.is_empty() {
        HIDDEN.to_owned()
    } else {
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal;

    fn merchant(key: &str) -> Merchant {
        Merchant::parse("SHOP1", key, "sixteen-bytes-iv").unwrap()
    }

    #[test]
    fn each_layer_is_there_and_what_is_nobodys_business_is_not() {
        let ours = merchant("a-key-that-is-thirty-two-bytes-x");
        let inside = [
            ("Status", "SUCCESS"),
            ("TradeAmt", "680"),
            ("Card4No", "1111"),
            ("UserMail", "a@example.tw"),
        ];
        let form = seal(&ours, "2.0", &inside).form_body();
        let seen = Anatomy::of(form.as_bytes(), Outer::Form, &ours).unwrap();
        assert!(seen.hash_holds && seen.tag_holds);
        assert_eq!(seen.field("TradeAmt"), Some("680"));
        assert_eq!(seen.field("Card4No"), Some(HIDDEN));
        assert_eq!(seen.field("UserMail"), Some(HIDDEN));
        assert_eq!(seen.tag.len(), 32);
        assert!(seen.text.contains(":::"));

        // A stranger sees the layers and nothing inside.
        let theirs = merchant("another-key-of-thirty-two-bytes!");
        let shut = Anatomy::of(form.as_bytes(), Outer::Form, &theirs).unwrap();
        assert!(!shut.hash_holds && !shut.tag_holds);
        assert_eq!(shut.fields, []);
        assert_eq!(shut.cipher_bytes, seen.cipher_bytes);
        assert_eq!(Anatomy::of(b"Status=1", Outer::Form, &ours), None);
    }

    #[test]
    fn a_rows_card_digits_are_hidden_too() {
        assert_eq!(hide("Result[0][Card6No]", "400022".into()), HIDDEN);
        assert_eq!(hide("Result[0][TradeAmt]", "680".into()), "680");
        assert_eq!(hide("Card4No", String::new()), "");
    }
}
