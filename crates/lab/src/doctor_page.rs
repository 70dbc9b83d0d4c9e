//! The signature doctor as a page: a message and keys go in by form, a diagnosis comes out. Nothing is kept, nothing is
//! logged, and neither message nor keys come back in an address; the keys do not come back at all.

use crate::{page::framed, words::Words};
use askama::Template;
use doctor::{
    Diagnosis, Explained, Input, Keys, Lang as DoctorLang, State, Verdict, Whose, examine,
};
use pages::{Lang, RenderError, Shell};
use payuni_sim::{DEMO_HASH_IV, DEMO_HASH_KEY, DEMO_MER_ID};

/// The longest message that is taken, in bytes.
pub const MESSAGE_MAX: usize = doctor::MAX_BYTES;

/// Messages to try, each with one mistake that people make; the first has none.
pub const EXAMPLES: [&str; 8] = [
    "right", "lower", "space", "unkeyed", "unhexed", "double", "swapped", "newline",
];

/// A filled-in form.
#[derive(Default)]
struct Filled {
    message: String,
    key: String,
    iv: String,
    path: String,
}

/// A genuine message of the sandbox: the outer fields as a form.
fn genuine() -> Option<(String, String)> {
    let keys = payuni_sim::Keys::new(DEMO_HASH_KEY, DEMO_HASH_IV)?;
    let mut inner = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("Status", "SUCCESS"),
        ("Message", "授權成功"),
        ("MerID", DEMO_MER_ID),
        ("MerTradeNo", "20261126-Q3"),
        ("Gateway", "2"),
        ("TradeNo", "1700000000000000682"),
        ("TradeAmt", "680"),
        ("TradeStatus", "1"),
        ("PaymentType", "1"),
    ] {
        inner.append_pair(name, value);
    }
    let sealed = keys.seal_text(inner.finish().as_bytes());
    let hash = keys.hash(&sealed);
    Some((sealed, hash))
}

fn outer(encrypt_info: &str, hash: &str) -> String {
    let mut outer = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("Status", "SUCCESS"),
        ("MerID", DEMO_MER_ID),
        ("Version", "2.0"),
        ("EncryptInfo", encrypt_info),
        ("HashInfo", hash),
    ] {
        outer.append_pair(name, value);
    }
    outer.finish()
}

/// An example by its name.
fn example(name: &str) -> Option<Filled> {
    use sha2::{Digest, Sha256};
    let (sealed, hash) = genuine()?;
    let unkeyed = hex::encode_upper(Sha256::digest(&sealed));
    let unhexed = hex::decode(&sealed).ok()?;
    let unhexed = String::from_utf8(unhexed).ok()?;
    let mut filled = Filled {
        message: match name {
            "right" | "swapped" | "newline" => outer(&sealed, &hash),
            "lower" => outer(&sealed, &hash.to_lowercase()),
            // A form that was decoded once too often: what was `+` is a space by now.
            "space" => outer(&sealed, &hash).replace("EncryptInfo=", "EncryptInfo= "),
            "unkeyed" => outer(&sealed, &unkeyed),
            "unhexed" => outer(&unhexed, &hash),
            "double" => outer(&hex::encode(&sealed), &hash),
            _ => return None,
        },
        ..Filled::default()
    };
    // The sandbox's keys are public.
    if name == "swapped" {
        DEMO_HASH_IV.clone_into(&mut filled.key);
        DEMO_HASH_KEY.clone_into(&mut filled.iv);
    }
    if name == "newline" {
        filled.key = format!("{DEMO_HASH_KEY}\n");
        DEMO_HASH_IV.clone_into(&mut filled.iv);
    }
    Some(filled)
}

#[derive(Template)]
#[template(path = "doctor.html")]
struct Page {
    w: &'static Words,
    filled: Filled,
    diagnosis: Option<Diagnosis>,
    examples: Vec<(&'static str, &'static str)>,
}

impl Page {
    fn tone(diagnosis: &Diagnosis) -> &'static str {
        match diagnosis.verdict {
            Verdict::Right => "good",
            Verdict::Wrong => "alert",
            Verdict::Unclear => "wait",
        }
    }

    fn sign(state: &State) -> &'static str {
        match state {
            State::Good => "✓",
            State::Bad => "✗",
            State::Skipped => "–",
        }
    }

    fn is_advice(finding: &Explained) -> bool {
        finding.advice
    }
}

/// The doctor. `field` gives the form's fields where one was sent.
///
/// # Errors
/// A page that cannot be rendered.
pub fn doctor(
    shell: &Shell,
    field: Option<&dyn Fn(&str) -> String>,
) -> Result<String, RenderError> {
    let w = Words::of(shell.lang);
    let mut filled = Filled::default();
    let mut diagnosis = None;
    if let Some(field) = field {
        match example(&field("example")) {
            Some(example) => filled = example,
            None => {
                filled.message = field("message");
                filled.path = field("path");
            }
        }
        let (key, iv) = if filled.key.is_empty() {
            (field("key"), field("iv"))
        } else {
            (filled.key.clone(), filled.iv.clone())
        };
        if !filled.message.trim().is_empty() {
            diagnosis = Some(examined(&filled, &key, &iv, shell.lang));
        }
    }
    let examples = EXAMPLES.into_iter().zip(EXAMPLES.map(|name| {
        w.t(match name {
            "right" => "ex_right",
            "lower" => "ex_lower",
            "space" => "ex_space",
            "unkeyed" => "ex_unkeyed",
            "unhexed" => "ex_unhexed",
            "double" => "ex_double",
            "swapped" => "ex_swapped",
            _ => "ex_newline",
        })
    }));
    // Keys that somebody typed are not sent back.
    filled.key.clear();
    filled.iv.clear();
    let page = Page {
        w,
        filled,
        diagnosis,
        examples: examples.collect(),
    };
    framed(shell, w.t("doctor"), &page)
}

fn examined(filled: &Filled, key: &str, iv: &str, lang: Lang) -> Diagnosis {
    let demo = Keys::new(DEMO_HASH_KEY, DEMO_HASH_IV);
    let given = !key.trim().is_empty() || !iv.trim().is_empty();
    let keys = if given {
        Keys::new(key, iv)
    } else {
        demo.clone()
    };
    let mut input = Input::new(filled.message.as_bytes(), keys);
    input.others.push((Whose::Demo, demo));
    let path = filled.path.trim();
    input.path = (!path.is_empty()).then(|| path.to_owned());
    examine(&input).diagnosis(match lang {
        Lang::ZhTw => DoctorLang::ZhTw,
        Lang::En => DoctorLang::En,
    })
}
