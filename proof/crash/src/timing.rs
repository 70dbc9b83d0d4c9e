//! A22 and A23: the time that a refusal takes says nothing about how much of a hash was right.
//!
//! Welch's t-test over the times of [`Envelope::open`], once with a hash of which no character is right and once with one
//! of which all but the last are, and so on through the classes, taken in a random order. |t| under 4.5 is no difference.
//! The same test over a comparison that stops at the first difference must find one, else it is blind.

use crate::report::Proof;
use anyhow::{Context, Result};
use jiff::Timestamp;
use payuni::{Envelope, Merchant, seal};
use rand::RngExt;
use std::{hint::black_box, time::Instant};

/// Below this, in thousandths, two times are the same.
const T_MAX: i64 = 4_500;
/// A machine that does something else for one of the classes looks like a leak, once. A leak is there every time.
const TRIES: u32 = 3;
/// So many copies of each message lie in memory, by turns: where a thing lies takes a few nanoseconds more or less, and a
/// class of one copy would show that instead of its hash.
const COPIES: usize = 64;
/// How many leading characters of the hash are right, each against none.
const RIGHT: [usize; 7] = [1, 8, 16, 32, 48, 62, 63];

/// Measures each class with so many samples.
pub(crate) fn run(samples: usize) -> Result<Proof> {
    let mut proof = Proof::begin("timing");
    let subject = Subject::new()?;
    proof.set("samples_each", u64::try_from(samples)?);
    for right in RIGHT {
        let opened = |form: &Envelope| drop(black_box(form.open(&subject.merchant, subject.now)));
        let t = least(|| {
            let classes = by_turns(|right| subject.hash_with(right), [0, right])?;
            Ok(welch(samples, &classes, opened))
        })?;
        proof.set(&format!("t_thousandths_{right}"), t.unsigned_abs());
        proof.demand(t.abs() < T_MAX, || {
            format!("{right} right characters show: t = {t} thousandths in each of {TRIES} tries")
        });
    }
    let classes = by_turns(|right| subject.text_with(right), [0, 63])?;
    let careless = |text: &String| {
        drop(black_box(
            subject.envelope.open(&subject.merchant, subject.now),
        ));
        black_box(stops_early(text.as_bytes(), subject.hash.as_bytes()));
    };
    let t = welch(samples, &classes, careless);
    proof.set("t_thousandths_of_a_careless_comparison", t.unsigned_abs());
    proof.demand(t.abs() >= T_MAX, || {
        format!("blind: a comparison that stops early was not found out (t = {t} thousandths)")
    });
    Ok(proof.end())
}

/// A comparison as it must not be.
fn stops_early(left: &[u8], right: &[u8]) -> bool {
    left.iter()
        .zip(right)
        .all(|(left, right)| black_box(left) == black_box(right))
}

struct Subject {
    merchant: Merchant,
    now: Timestamp,
    /// A message with a hash that is right but for its last character.
    envelope: Envelope,
    hash: String,
    front: String,
}

impl Subject {
    fn new() -> Result<Self> {
        let merchant = Merchant::parse(
            "TIMING",
            "a-key-that-is-thirty-two-bytes-x",
            "sixteen-bytes-iv",
        )?;
        let long = "x".repeat(600);
        let sealed = seal(
            &merchant,
            "2.0",
            &[("Status", "SUCCESS"), ("Message", &long)],
        );
        let (front, hash) = (
            format!("EncryptInfo={}&HashInfo=", sealed.encrypt_info),
            sealed.hash_info.clone(),
        );
        let wrong = changed(&hash, 63)?;
        let envelope = Envelope::from_form(format!("{front}{wrong}").as_bytes())?;
        Ok(Self {
            merchant,
            now: Timestamp::UNIX_EPOCH,
            envelope,
            hash,
            front,
        })
    }

    fn text_with(&self, right: usize) -> Result<String> {
        changed(&self.hash, right)
    }

    fn hash_with(&self, right: usize) -> Result<Envelope> {
        let text = format!("{}{}", self.front, self.text_with(right)?);
        Ok(Envelope::from_form(text.as_bytes())?)
    }
}

/// The hash with so many leading characters as they are, and all others changed.
fn changed(hash: &str, right: usize) -> Result<String> {
    let (keep, change) = hash.split_at_checked(right).context("a short hash")?;
    let other = |c: char| if c == '0' { '1' } else { '0' };
    Ok(keep.chars().chain(change.chars().map(other)).collect())
}

/// The first of a few tries that shows no difference, or the last.
fn least(mut test: impl FnMut() -> Result<i64>) -> Result<i64> {
    let mut t = test()?;
    for _ in 1..TRIES {
        if t.abs() < T_MAX {
            break;
        }
        t = test()?;
    }
    Ok(t)
}

/// Makes the copies of both classes.
fn by_turns<T>(make: impl Fn(usize) -> Result<T>, of: [usize; 2]) -> Result<[Vec<T>; 2]> {
    let mut classes = [Vec::new(), Vec::new()];
    for _ in 0..COPIES {
        // Which of a pair comes first is drawn, else the first one of each would have the better place.
        let first = usize::from(rand::rng().random::<bool>());
        for which in [first, 1 - first] {
            classes[which].push(make(of[which])?);
        }
    }
    Ok(classes)
}

/// Welch's t of two classes, in thousandths; the slowest tenth of all is left out, being the machine's and not ours.
fn welch<T>(samples: usize, classes: &[Vec<T>; 2], work: impl Fn(&T)) -> i64 {
    let mut times: [Vec<u64>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..2 * samples {
        let which = usize::from(rand::rng().random::<bool>());
        let message = &classes[which][rand::rng().random_range(..COPIES)];
        let started = Instant::now();
        work(message);
        let took = started.elapsed().as_nanos();
        times[which].push(u64::try_from(took).unwrap_or(u64::MAX));
    }
    let mut all = times.concat();
    all.sort_unstable();
    let most = all.get(all.len() * 9 / 10).copied().unwrap_or(u64::MAX);
    for class in &mut times {
        class.retain(|time| *time <= most);
    }
    t_of(&times)
}

#[expect(
    clippy::float_arithmetic,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a statistic of times; no money is near"
)]
fn t_of(times: &[Vec<u64>; 2]) -> i64 {
    let of = |class: &Vec<u64>| {
        let n = class.len().max(2) as f64;
        let mean = class.iter().map(|time| *time as f64).sum::<f64>() / n;
        let spread = |time: &u64| (*time as f64 - mean).powi(2);
        (mean, class.iter().map(spread).sum::<f64>() / (n - 1.0) / n)
    };
    let ([left, right], square) = (times, f64::sqrt);
    let ((a, va), (b, vb)) = (of(left), of(right));
    (1000.0 * (b - a) / square(va + vb).max(1e-9)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_and_sameness_does_not() {
        let class = |add: u64| (0..1_000).map(|n| 100 + n % 10 + add).collect::<Vec<u64>>();
        assert_eq!(t_of(&[class(0), class(0)]), 0);
        assert!(t_of(&[class(0), class(1)]) > T_MAX);
    }

    #[test]
    fn a_changed_hash_keeps_its_front() {
        let hash = "00FF";
        assert_eq!(changed(hash, 2).unwrap(), "0000");
        assert_eq!(changed(hash, 0).unwrap(), "1100");
    }
}
