//! While the gateway's keys are being changed: those before, and until when they still open messages.

use super::{Reader, values, values::Wrong};
use jiff::Timestamp;
use secrecy::SecretString;

const KEY: &str = "PAYUNI_PREVIOUS_HASH_KEY";
const IV: &str = "PAYUNI_PREVIOUS_HASH_IV";
const UNTIL: &str = "PAYUNI_PREVIOUS_UNTIL";

/// The keys before the last change. They open what is under way, and seal nothing.
#[derive(Debug, Clone)]
pub struct PreviousKeys {
    /// `PAYUNI_PREVIOUS_HASH_KEY`: 32 ASCII bytes.
    pub hash_key: SecretString,
    /// `PAYUNI_PREVIOUS_HASH_IV`: 16 ASCII bytes.
    pub hash_iv: SecretString,
    /// `PAYUNI_PREVIOUS_UNTIL`: from then on they open nothing.
    pub until: Timestamp,
}

impl Reader<'_> {
    /// All three, or none of them.
    pub(super) fn previous_keys(&mut self) -> Option<PreviousKeys> {
        let names = [KEY, IV, UNTIL];
        if names.iter().all(|name| self.value(name).is_none()) {
            return None;
        }
        let cure = "換金鑰時三個一起設定：舊的 Hash Key、舊的 Hash IV、舊金鑰用到什麼時候";
        let key = |text: &str, length| {
            values::gateway_key(text, length).map(|()| SecretString::from(text))
        };
        let hash_key = self.required(KEY, cure, |text| key(text, 32));
        let hash_iv = self.required(IV, cure, |text| key(text, 16));
        let until = self.required(UNTIL, cure, |text| {
            text.parse::<Timestamp>().map_err(|_| {
                Wrong(
                    "看不懂這個時間".to_owned(),
                    "寫成 2026-12-01T00:00:00+08:00".to_owned(),
                    "Must be an RFC 3339 time with its offset.".to_owned(),
                )
            })
        });
        Some(PreviousKeys {
            hash_key: hash_key?,
            hash_iv: hash_iv?,
            until: until?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{HASH_IV, HASH_KEY, faulty, serve_with};
    use std::collections::BTreeSet;

    #[test]
    fn the_keys_before_come_all_three_or_not_at_all() {
        let all = [
            ("PAYUNI_PREVIOUS_HASH_KEY", HASH_KEY),
            ("PAYUNI_PREVIOUS_HASH_IV", HASH_IV),
            ("PAYUNI_PREVIOUS_UNTIL", "2026-12-01T00:00:00+08:00"),
        ];
        let previous = serve_with(&all).unwrap().payuni.previous.unwrap();
        assert_eq!(previous.until.to_string(), "2026-11-30T16:00:00Z");
        assert!(serve_with(&[]).unwrap().payuni.previous.is_none());
        for left_out in 0..3 {
            let mut some = all.to_vec();
            let (name, _) = some.remove(left_out);
            assert_eq!(faulty(&some), BTreeSet::from([name.to_owned()]));
        }
        assert_eq!(
            faulty(&[all[0], all[1], (all[2].0, "明天")]),
            BTreeSet::from([all[2].0.to_owned()])
        );
    }
}
