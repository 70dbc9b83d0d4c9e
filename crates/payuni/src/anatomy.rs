//! A sealed message taken apart, layer by layer, for people who look. It proves nothing: what is to be believed goes
//! through [`Envelope::open`](crate::Envelope::open).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::cipher;
use crate::envelope::{MAX_REPLY_BYTES, SEPARATOR, hash_info};
use crate::mask;
use crate::merchant::{Keys, Merchant};

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
    /// The fields outside, with what people must not see hidden; nobody signed those other than `EncryptInfo`.
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
        let pairs = outer.pairs(body)?;
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
        let secrets = mask::secrets(merchant);
        let fields = plain.as_deref().map(|plain| read(plain, &secrets));
        let outer = pairs.into_iter().map(|(name, value)| {
            let seen = mask::sealed_or(&name, &value, &secrets);
            (mask::name_of(&name, &secrets), seen.unwrap_or_else(hidden))
        });
        Some(Self {
            outer: outer.collect(),
            cipher_bytes: cipher_text.len(),
            tag: hex::encode(&tag),
            hash_holds: by_hash.is_some(),
            tag_holds: plain.is_some(),
            fields: fields.unwrap_or_default(),
            text: mask::text(&text, &secrets),
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

fn hidden() -> String {
    mask::HIDDEN.to_owned()
}

fn read(plain: &[u8], secrets: &[String]) -> Vec<(String, String)> {
    let inside = if plain.first() == Some(&b'{') {
        Outer::Json
    } else {
        Outer::Form
    };
    let seen = |(name, value): (String, String)| {
        let seen = if value.is_empty() {
            value
        } else {
            mask::value(&name, &value, secrets).unwrap_or_else(hidden)
        };
        (mask::name_of(&name, secrets), seen)
    };
    let pairs = inside.pairs(plain).unwrap_or_default();
    pairs.into_iter().map(seen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mask::HIDDEN;
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
    fn what_nobody_has_heard_of_is_hidden_inside_and_outside() {
        let ours = merchant("a-key-that-is-thirty-two-bytes-x");
        let key = "a-key-that-is-thirty-two-bytes-x";
        let inside = [
            ("Result[0][Card6No]", "400022"),
            ("Result[0][TradeAmt]", "680"),
            ("NewSecret", "hush-inside"),
            ("ProdDesc", key),
            ("Card4No", ""),
        ];
        let form = seal(&ours, "2.0", &inside).form_body();
        let form = format!("{form}&Surprise=hush-outside&Status=SUCCESS");
        let seen = Anatomy::of(form.as_bytes(), Outer::Form, &ours).unwrap();
        assert_eq!(seen.field("Result[0][Card6No]"), Some(HIDDEN));
        assert_eq!(seen.field("Result[0][TradeAmt]"), Some("680"));
        assert_eq!(seen.field("Card4No"), Some(""));
        let shown = format!(
            "{seen:?} {}",
            mask::body(form.as_bytes(), Outer::Form, &mask::secrets(&ours))
        );
        assert!(shown.contains("Surprise=••••&Status=SUCCESS"), "{shown}");
        for secret in ["hush", key, "400022"] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }

    #[test]
    fn a_body_without_strangers_is_shown_as_it_came() {
        let ours = merchant("a-key-that-is-thirty-two-bytes-x");
        let secrets = mask::secrets(&ours);
        let form = seal(&ours, "2.0", &[("Status", "SUCCESS")]).form_body();
        assert_eq!(mask::body(form.as_bytes(), Outer::Form, &secrets), form);
        let json = r#"{"Status":"SUCCESS","Odd":"hush","EncryptInfo":"ff"}"#;
        assert_eq!(
            mask::body(json.as_bytes(), Outer::Json, &secrets),
            r#"{"Status":"SUCCESS","Odd":"••••","EncryptInfo":"ff"}"#
        );
        let page = b"<h1>502</h1> 4147 6310 0000 0001\x1b[2J";
        assert_eq!(mask::body(page, Outer::Json, &secrets), "<h1>502</h1> •[2J");
    }
}
