//! "Find it, fix it": handlers of payments as people really write them, each with one hole, beside three repairs of which
//! one is right.
//!
//! What a page shows is the source that is compiled here, word for word, and every version is attacked in a model shop that
//! lives in memory: [`Exercise::verdicts`] runs the attack and the genuine messages against it and tells what came of it.
//! The tests hold every verdict against what the exercise says of it.
//!
//! The crate uses nothing of the kit. Its forgeries are sealed by the sandbox's cipher.

mod envelope;
mod model;
mod trial;

mod cut_tag;
mod default_status;
mod duplicate;
mod fixed_nonce;
mod float_money;
mod hash_prefix;
mod keyless_hash;
mod late_failure;
mod merchant;
mod number_issued;
mod ok_before_commit;
mod outer_status;
mod reflection;
mod refund_race;
mod refund_retry;
mod return_page;
mod two_readings;
mod wrong_amount;

pub use fixed_nonce::{Message, Recovery, recovery};

/// An exercise: one hole, three repairs.
#[derive(Debug)]
pub struct Exercise {
    /// Its name in addresses, such as `reflection`.
    pub id: &'static str,
    /// The attack that gets in, such as `A01`.
    pub case: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Where the code stands and what comes in.
    pub setting: &'static str,
    /// What the reader is asked.
    pub question: &'static str,
    /// The code with the hole.
    pub vulnerable: Code,
    /// Three repairs, of which one is right.
    pub repairs: [Repair; 3],
    /// How this kit does it: a path from the repository's root, `#`, and the symbol.
    pub ours: &'static str,
    /// What to take along.
    pub lesson: &'static str,
    tried: fn() -> [Verdict; 4],
}

/// Source that is compiled and tested as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// The whole file.
    pub source: &'static str,
}

/// A way to mend the hole, or to believe that it is mended.
#[derive(Debug)]
pub struct Repair {
    /// `a`, `b` or `c`.
    pub key: &'static str,
    /// The whole file.
    pub source: &'static str,
    /// Whether it refuses the attack and still takes what is genuine.
    pub right: bool,
    /// Why it is right, or what goes wrong with it.
    pub reason: &'static str,
}

/// What came of running a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The attack, or the mishap, cost somebody money or goods.
    pub robbed: bool,
    /// What is genuine is taken as it should be.
    pub serves: bool,
}

impl Verdict {
    /// Whether it is as it should be.
    #[must_use]
    pub fn holds(self) -> bool {
        !self.robbed && self.serves
    }
}

impl Exercise {
    /// Runs every version against the attack and against what is genuine: the vulnerable one, then the repairs in order.
    #[must_use]
    pub fn verdicts(&self) -> [Verdict; 4] {
        (self.tried)()
    }
}

static EXERCISES: [Exercise; 18] = [
    reflection::EXERCISE,
    number_issued::EXERCISE,
    outer_status::EXERCISE,
    default_status::EXERCISE,
    wrong_amount::EXERCISE,
    float_money::EXERCISE,
    merchant::EXERCISE,
    return_page::EXERCISE,
    late_failure::EXERCISE,
    duplicate::EXERCISE,
    ok_before_commit::EXERCISE,
    refund_retry::EXERCISE,
    refund_race::EXERCISE,
    keyless_hash::EXERCISE,
    hash_prefix::EXERCISE,
    two_readings::EXERCISE,
    cut_tag::EXERCISE,
    fixed_nonce::EXERCISE,
];

/// Every exercise, in the order in which they are best done.
#[must_use]
pub fn all() -> &'static [Exercise] {
    &EXERCISES
}

/// The source of one version.
macro_rules! code {
    ($file:literal) => {
        include_str!($file)
    };
}
use code;
