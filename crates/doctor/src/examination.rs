use jiff::Timestamp;
use payuni::code;
use serde::Serialize;

use crate::cipher::{self, Known, Opened};
use crate::encoding::{self, Decoded};
use crate::finding::{Fact, Finding, Id, Term};
use crate::form::percent_decode;
use crate::hash::{self, Trial};
use crate::inner::{self, Inner, Kind};
use crate::keys::{self, Keys, Pair, Spoilt};
use crate::request;
use crate::shape::{self, Message, Shape};
use crate::steps::{self, Field, State, Step, StepId};

/// The most bytes that are looked at; real messages have about two thousand.
pub const MAX_BYTES: usize = 64 * 1024;

/// The documentation's sample keys (PAYUNi docs page 29), which people copy.
const SAMPLE: (&str, &str) = ("12345678901234567890123456789012", "1234567890123456");

/// Whose keys else may have been at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The sandbox's own, which everybody can read.
    Demo,
    /// The merchant's, before they were changed.
    Previous,
}

/// What is to be examined.
#[derive(Clone)]
pub struct Input {
    /// What was sent or received: a body, a query string, a whole HTTP message, or `EncryptInfo` alone.
    pub body: Vec<u8>,
    /// The content type that came with it, where known.
    pub content_type: Option<String>,
    /// The path or address that it was sent to, where known.
    pub path: Option<String>,
    /// The merchant's keys as they were typed.
    pub keys: Keys,
    /// Other keys that may have been used by mistake.
    pub others: Vec<(Whose, Keys)>,
    /// The merchant's number, where known.
    pub merchant_id: Option<String>,
    /// The API's address in the settings, where known.
    pub api_base: Option<String>,
    /// When it was sent; without it, no time is judged.
    pub now: Option<Timestamp>,
}

impl Input {
    /// A body and keys, and nothing else known.
    #[must_use]
    pub fn new(body: impl Into<Vec<u8>>, keys: Keys) -> Self {
        Self {
            body: body.into(),
            content_type: None,
            path: None,
            keys,
            others: Vec::new(),
            merchant_id: None,
            api_base: None,
            now: None,
        }
    }
}

/// What it comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing is wrong, and the seal opened.
    Right,
    /// Something is wrong.
    Wrong,
    /// Nothing wrong was seen, but the seal could not be looked at.
    Unclear,
}

/// What was found. Holds no key, and of people's data only that it was there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// What it comes to.
    pub verdict: Verdict,
    /// Of which kind the body is.
    pub shape: Shape,
    /// Which way the message goes.
    pub kind: Kind,
    /// What is wrong; what comes first is to be mended first.
    pub findings: Vec<Finding>,
    /// The way from the body to the fields.
    pub steps: Vec<Step>,
    /// The fields outside the seal.
    pub outer: Vec<Field>,
    /// The fields inside.
    pub inner: Vec<Field>,
}

impl Examination {
    /// Whether something with this name was found.
    #[must_use]
    pub fn has(&self, id: Id) -> bool {
        self.findings.iter().any(|finding| finding.id == id)
    }
}

/// Examines a message.
#[must_use]
pub fn examine(input: &Input) -> Examination {
    if input.body.len() > MAX_BYTES {
        let finding = Finding::certain(Id::TooLong).with("found", input.body.len());
        return Exam::over(vec![finding]);
    }
    let (pair, findings) = keys::look(&input.keys);
    let body = String::from_utf8_lossy(&input.body);
    let message = shape::read(&body, input.content_type.as_deref(), input.path.as_deref());
    let mut exam = Exam {
        input,
        findings,
        steps: Vec::new(),
        opened: false,
        inner: None,
    };
    exam.outside(&message);
    if let Some(encrypt_info) = message.get("EncryptInfo") {
        exam.seal(encrypt_info, message.get("HashInfo"), pair.as_ref());
    }
    exam.inside(&message);
    exam.closed(&message)
}

struct Exam<'a> {
    input: &'a Input,
    findings: Vec<Finding>,
    steps: Vec<Step>,
    opened: bool,
    inner: Option<Inner>,
}

impl Exam<'_> {
    /// An examination that ends before it begins.
    fn over(findings: Vec<Finding>) -> Examination {
        Examination {
            verdict: Verdict::Wrong,
            shape: Shape::Other,
            kind: Kind::Unknown,
            findings,
            steps: Vec::new(),
            outer: Vec::new(),
            inner: Vec::new(),
        }
    }

    fn outside(&mut self, message: &Message) {
        let mut findings = message.findings.clone();
        if !message.outer.is_empty() {
            let missing = |name: &str| Finding::certain(Id::MissingField).with("name", name);
            match (message.get("EncryptInfo"), message.get("Status")) {
                (Some(_), _) if message.shape == Shape::Bare => {}
                (Some(_), _) if message.get("HashInfo").is_none() => {
                    findings.push(missing("HashInfo"));
                }
                (Some(_), _) => {}
                (None, Some(status)) if message.shape == Shape::Json && status != "SUCCESS" => {
                    findings.push(refused(status));
                }
                (None, _) => findings.push(missing("EncryptInfo")),
            }
        }
        let state = if message.outer.is_empty() || !findings.is_empty() {
            State::Bad
        } else {
            State::Good
        };
        self.steps.push(steps::body(message, state));
        self.findings.extend(findings);
    }

    fn seal(&mut self, encrypt_info: &str, hash_info: Option<&str>, pair: Option<&Pair>) {
        let decoded = encoding::decode(encrypt_info);
        let Some(pair) = pair else {
            self.findings
                .extend(decoded.findings(decoded.readings.first()));
            self.steps.push(steps::plain(StepId::Hash, State::Skipped));
            self.steps.push(steps::hex(encrypt_info, &decoded));
            self.steps.push(steps::halves(&decoded));
            self.steps
                .push(steps::plain(StepId::Cipher, State::Skipped));
            return;
        };
        let ways = keys::spoilt(pair);
        let opened = cipher::open(&decoded, pair, &ways, &self.known(pair));
        let hash = hash_info.map(|hash_info| {
            let texts = texts(encrypt_info, &decoded, opened.as_ref());
            hash_of(
                encrypt_info,
                hash_info,
                pair,
                &ways,
                opened.as_ref(),
                &texts,
            )
        });
        self.steps.push(steps::plain(
            StepId::Hash,
            match &hash {
                Some(hash::Verdict::Right) => State::Good,
                Some(hash::Verdict::Wrong(_) | hash::Verdict::Unknown) => State::Bad,
                None => State::Skipped,
            },
        ));
        self.steps.push(steps::hex(encrypt_info, &decoded));
        self.steps.push(steps::halves(&decoded));
        let reading = opened.as_ref().map(|opened| &opened.reading);
        let reading = reading.or(decoded.readings.first());
        self.findings.extend(decoded.findings(reading));
        let mut found = opened.as_ref().and_then(|opened| opened.finding.clone());
        let mut hash_findings = Vec::new();
        match hash {
            Some(hash::Verdict::Wrong(wrong)) => {
                let cut = wrong.iter().any(|finding| finding.id == Id::KeyLength);
                // A nonce of 12 bytes that was hashed too is an IV that was cut.
                found = found.filter(|finding| !(cut && finding.id == Id::Nonce12Bytes));
                hash_findings = wrong;
            }
            Some(hash::Verdict::Unknown) => match (&opened, &found) {
                (Some(_), Some(finding)) if finding.id == Id::TagWrong => {}
                (Some(_), _) => hash_findings.push(Finding::certain(Id::HashUnknown)),
                (None, _) => found = self.unopened(Finding::likely(Id::UnknownKeys)),
            },
            Some(hash::Verdict::Right) if opened.is_none() && !decoded.readings.is_empty() => {
                found = Some(Finding::certain(Id::TagWrong));
            }
            None if opened.is_none() => found = self.unopened(Finding::likely(Id::UnknownKeys)),
            Some(hash::Verdict::Right) | None => {}
        }
        if let Some(reading) = reading {
            let whole = found.is_none() && reading.wrong.is_empty() && opened.is_some();
            let state = if whole { State::Good } else { State::Bad };
            self.steps.push(steps::cipher(reading, state));
        }
        self.findings.extend(found);
        self.findings.extend(hash_findings);
        if let Some(opened) = opened {
            self.opened = true;
            self.inner = Some(inner::read(&opened.plaintext));
        }
    }

    /// Nothing opened it. Keys that are known to be wrong say why already.
    fn unopened(&self, finding: Finding) -> Option<Finding> {
        let explained = |finding: &Finding| finding.id == Id::KeyLength;
        (!self.findings.iter().any(explained)).then_some(finding)
    }

    /// Keys that are known by name and are not the given ones.
    fn known(&self, pair: &Pair) -> Vec<Known> {
        let sample = Keys::new(SAMPLE.0, SAMPLE.1);
        let others = self.input.others.iter();
        let others = others.map(|(whose, keys)| match whose {
            Whose::Demo => (Term::DemoKeys, keys),
            Whose::Previous => (Term::PreviousKeys, keys),
        });
        others
            .chain([(Term::SampleKeys, &sample)])
            .filter_map(|(whose, keys)| {
                let known = keys::look(keys).0?;
                (known != *pair).then_some(Known { pair: known, whose })
            })
            .collect()
    }

    fn inside(&mut self, message: &Message) {
        let Some(inner) = &self.inner else {
            return;
        };
        let mut findings = inner.findings.clone();
        let state = if findings.iter().all(|finding| finding.advice) {
            State::Good
        } else {
            State::Bad
        };
        self.steps
            .push(steps::fields(inner.pairs.len(), inner.kind, state));
        findings.extend(contradictions(message, inner, self.input));
        if inner.kind == Kind::Request {
            findings.extend(request_troubles(message, inner, self.input));
        }
        self.findings.extend(findings);
    }

    fn closed(self, message: &Message) -> Examination {
        let secrets: Vec<String> = [&self.input.keys]
            .into_iter()
            .chain(self.input.others.iter().map(|(_, keys)| keys))
            .flat_map(Keys::secrets)
            .collect();
        let mut steps = self.steps;
        for step in &mut steps {
            scrub(&mut step.facts, &secrets);
        }
        let mut findings: Vec<Finding> = Vec::new();
        for mut finding in self.findings {
            let previous = |(_, fact): &(_, _)| *fact == Term::PreviousKeys.into();
            if finding.id == Id::OtherEnvironmentKeys && finding.facts.iter().any(previous) {
                finding.advice = true;
            }
            scrub(&mut finding.facts, &secrets);
            let same =
                |earlier: &Finding| earlier.id == finding.id && earlier.facts == finding.facts;
            if !findings.iter().any(same) {
                findings.push(finding);
            }
        }
        findings.sort_by_key(|finding| finding.advice);
        let verdict = if findings.iter().any(|finding| !finding.advice) {
            Verdict::Wrong
        } else if self.opened {
            Verdict::Right
        } else {
            Verdict::Unclear
        };
        let inner = self.inner.as_ref();
        Examination {
            verdict,
            shape: message.shape,
            kind: inner.map_or(Kind::Unknown, |inner| inner.kind),
            findings,
            steps,
            outer: Field::of(&message.outer, &secrets),
            inner: Field::of(inner.map_or(&[], |inner| &inner.pairs), &secrets),
        }
    }
}

/// Hides facts in which part of a key stands: somebody may have pasted it into any field.
fn scrub(facts: &mut [(&'static str, Fact)], secrets: &[String]) {
    for (_, fact) in facts {
        if matches!(fact, Fact::Plain(text) if payuni::mask::tells(text, secrets)) {
            *fact = Fact::from("•");
        }
    }
}

fn refused(status: &str) -> Finding {
    let words = code::explain(status).map_or("?", |known| known.zh_tw);
    Finding::certain(Id::GatewayRefused)
        .with("found", payuni::mask::name(status))
        .with("words", words)
}

/// The hash over what was sent, or over what was sent before a form mangled it.
fn hash_of(
    encrypt_info: &str,
    hash_info: &str,
    pair: &Pair,
    ways: &[Spoilt],
    opened: Option<&Opened>,
    texts: &[hash::Text],
) -> hash::Verdict {
    let unescaped = percent_decode(encrypt_info.as_bytes(), false).0;
    let forms = [
        encrypt_info.to_owned(),
        encrypt_info.replace(' ', "+"),
        encrypt_info.split_whitespace().collect(),
        String::from_utf8_lossy(&unescaped).into_owned(),
    ];
    let trial = |form: &str, texts: &[hash::Text]| {
        hash::examine(&Trial {
            encrypt_info: form,
            hash_info,
            pair,
            under: opened.and_then(|opened| opened.under.as_ref()),
            ways,
            texts,
        })
    };
    for (i, form) in forms.iter().enumerate() {
        if !forms[..i].contains(form) {
            let verdict = trial(form, &[]);
            if !matches!(verdict, hash::Verdict::Unknown) {
                return verdict;
            }
        }
    }
    trial(encrypt_info, texts)
}

/// What may have been hashed in place of `EncryptInfo`.
fn texts(encrypt_info: &str, decoded: &Decoded, opened: Option<&Opened>) -> Vec<hash::Text> {
    let mut texts = Vec::new();
    let mut push = |what, bytes: &[u8]| {
        if bytes != encrypt_info.as_bytes() {
            let bytes = bytes.to_vec();
            texts.push(hash::Text { bytes, what });
        }
    };
    push(Term::LowerHex, encrypt_info.to_ascii_lowercase().as_bytes());
    push(Term::UpperHex, encrypt_info.to_ascii_uppercase().as_bytes());
    if let Some(text) = &decoded.text {
        push(Term::InnerText, text.as_bytes());
        if let Some((ciphertext, _)) = text.split_once(encoding::SEPARATOR) {
            push(Term::CiphertextOnly, ciphertext.as_bytes());
        }
    }
    if let Some(opened) = opened {
        push(Term::RawCiphertext, &opened.reading.ciphertext);
        push(Term::Plaintext, &opened.plaintext);
        let mut parts: Vec<&[u8]> = opened.plaintext.split(|b| *b == b'&').collect();
        parts.sort_unstable();
        push(Term::SortedPlaintext, &parts.join(&b'&'));
    }
    texts
}

fn contradictions(message: &Message, inner: &Inner, input: &Input) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(inside) = inner.get("MerID") {
        let outside = message.get("MerID").filter(|outside| *outside != inside);
        let ours = input.merchant_id.as_deref().map(str::trim);
        let ours = ours.filter(|ours| !ours.is_empty() && *ours != inside);
        if let Some(other) = outside.or(ours) {
            findings.push(
                Finding::certain(Id::MerchantMismatch)
                    .with("found", payuni::mask::name(inside))
                    .with("expected", payuni::mask::name(other)),
            );
        }
    }
    if let (Some(outside), Some(inside)) = (message.get("Status"), inner.get("Status"))
        && (outside == "SUCCESS") != (inside == "SUCCESS")
    {
        findings.push(
            Finding::certain(Id::StatusDisagrees)
                .with("found", payuni::mask::name(outside))
                .with("expected", payuni::mask::name(inside)),
        );
    }
    findings
}

fn request_troubles(message: &Message, inner: &Inner, input: &Input) -> Vec<Finding> {
    let mut findings = Vec::new();
    if message.shape == Shape::Json {
        findings.push(
            Finding::certain(Id::JsonInsteadOfForm)
                .with("found", "application/json")
                .with("what", Term::Json),
        );
    }
    if message.shape != Shape::Bare {
        for name in ["MerID", "Version"] {
            if message.get(name).is_none() {
                findings.push(Finding::certain(Id::MissingField).with("name", name));
            }
        }
    }
    let path = message.path.as_deref();
    if let Some(path) = path {
        findings.extend(request::path(inner, path, input.api_base.as_deref()));
    }
    if let Some(version) = message.get("Version") {
        findings.extend(request::version(version, path));
    }
    findings.extend(request::timestamp(inner, input.now));
    findings
}
