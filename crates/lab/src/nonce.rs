//! Why GCM with a fixed nonce authenticates nothing, carried out before the reader's eyes: two own messages are enough to
//! read a stranger's and to forge one with a valid tag. The hash with its key is what still stands in the way (A10).

use crate::{page::framed, words::Words};
use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use exercises::Recovery;
use pages::{RenderError, Shell};
use payuni_sim::{DEMO_HASH_IV, DEMO_HASH_KEY};

/// How much of his own text a reader may give, in bytes.
const OWN_MAX: usize = 400;

/// What a reader's own text gives away of the stranger's.
struct Own {
    sealed: String,
    /// The stranger's bytes that it uncovers; what is not known yet is a dot.
    read: String,
    known: usize,
    all: usize,
}

#[derive(Template)]
#[template(path = "nonce.html")]
struct Page {
    w: &'static Words,
    recovery: Recovery,
    own: Option<Own>,
    typed: String,
}

fn ciphertext(encrypt_info: &str) -> Option<Vec<u8>> {
    let text = hex::decode(encrypt_info).ok()?;
    let text = std::str::from_utf8(&text).ok()?;
    STANDARD.decode(text.split_once(":::")?.0).ok()
}

fn xored(a: &[u8], b: &[u8]) -> Vec<u8> {
    a.iter().zip(b).map(|(a, b)| a ^ b).collect()
}

/// Seals the reader's text, which he knows, and reads with it what he does not: no key is used for the second.
fn own(text: &str, stranger: &str) -> Option<Own> {
    let keys = payuni_sim::Keys::new(DEMO_HASH_KEY, DEMO_HASH_IV)?;
    let sealed = keys.seal_text(text.as_bytes());
    let stream = xored(&ciphertext(&sealed)?, text.as_bytes());
    let theirs = ciphertext(stranger)?;
    let read = xored(&stream, &theirs);
    let known = read.len();
    let mut read = String::from_utf8_lossy(&read).into_owned();
    read.extend(std::iter::repeat_n('·', theirs.len().saturating_sub(known)));
    Some(Own {
        sealed,
        read,
        known,
        all: theirs.len(),
    })
}

/// The page; `typed` is the reader's own text where he sent one.
///
/// # Errors
/// A page that cannot be rendered.
pub fn nonce(shell: &Shell, typed: Option<&str>) -> Result<String, RenderError> {
    let w = Words::of(shell.lang);
    let recovery = exercises::recovery();
    let typed = typed.unwrap_or_default();
    let most = (0..=OWN_MAX.min(typed.len()))
        .rev()
        .find(|most| typed.is_char_boundary(*most));
    let typed = typed.get(..most.unwrap_or_default()).unwrap_or_default();
    let own = (!typed.is_empty())
        .then(|| own(typed, &recovery.read.encrypt_info))
        .flatten();
    let page = Page {
        w,
        own,
        typed: typed.to_owned(),
        recovery,
    };
    framed(shell, w.t("nonce"), &page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_knows_of_ones_own_message_reads_as_much_of_a_strangers() {
        let recovery = exercises::recovery();
        let known = "x".repeat(40);
        let own = own(&known, &recovery.read.encrypt_info).unwrap();
        assert_eq!(own.known, 40);
        let plain = recovery.read.content;
        assert!(
            own.read.starts_with(plain.get(..40).unwrap()),
            "{}",
            own.read
        );
        assert_eq!(own.all, plain.len());
        assert!(own.read.ends_with('·'));
    }
}
