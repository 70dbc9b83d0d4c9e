//! The proofs and how each is run. Another proof is another row.

use std::path::Path;

use anyhow::Result;

use super::{Length, fuzz, planted, report::Report};

/// One proof.
pub(crate) struct Proof {
    /// What `--only` takes.
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// The names of its reports: all of them, and no other, must come.
    pub(crate) reports: &'static [&'static str],
    /// Whether `cargo xtask test` runs its short form among the proofs. The corpus is not, for it is among the tests.
    pub(crate) in_tests: bool,
    pub(crate) turn: Turn,
    pub(crate) run: Run,
}

/// When a proof is run among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// In the first lane: programs of the test build, which wait for one another and leave half the machine idle.
    First,
    /// In the second lane, beside the first: what only calculates, built elsewhere than in the first lane's folder.
    Beside,
    /// After both, with the machine to itself: it measures time, or fills the disk.
    Alone,
}

/// A proof by this program: of the tree, so long, and of one target alone where it is named.
pub(crate) type Inside = fn(&Path, Length, Option<&str>) -> Result<(Report, String)>;

/// How a proof is run.
pub(crate) enum Run {
    /// By cargo, with these arguments; `--report FILE` is put behind them.
    Program {
        short: &'static str,
        long: &'static str,
    },
    /// By this program, as a whole or one of its targets: its report, and its last words.
    Here(Inside),
}

/// Every proof; of those that have the same turn, what shares a build stands together.
pub(crate) const TABLE: &[Proof] = &[
    Proof {
        name: "attacks",
        what: "every attack of the corpus, through the listener of a shop made for it",
        reports: &["attacks"],
        in_tests: false,
        turn: Turn::First,
        run: Run::Program {
            short: "run --quiet --locked -p jinliu -- lab run",
            long: "run --quiet --locked -p jinliu -- lab run",
        },
    },
    Proof {
        name: "ablation",
        what: "the attacks again, with one line of defence off at a time",
        reports: &["ablation"],
        in_tests: true,
        turn: Turn::First,
        run: Run::Program {
            short: "run --quiet --locked -p jinliu --features ablation -- lab ablate",
            long: "run --quiet --locked -p jinliu --features ablation -- lab ablate --table docs/ablation.md",
        },
    },
    Proof {
        name: "kills",
        what: "the real program killed under load at each named point, restarted and audited",
        reports: &["kills"],
        in_tests: true,
        turn: Turn::First,
        run: Run::Program {
            short: "run --quiet --locked -p crash -- --only kills",
            long: "run --quiet --locked -p crash -- --only kills --long",
        },
    },
    Proof {
        name: "power",
        what: "the power cut at any moment, with only what was synced left on the disk",
        reports: &["power_cuts"],
        in_tests: true,
        turn: Turn::Alone,
        run: Run::Program {
            short: "run --quiet --locked -p crash -- --only power",
            long: "run --quiet --locked -p crash -- --only power --long",
        },
    },
    Proof {
        name: "disk",
        what: "a full disk: what was answered stands, the rest is told, and nothing is broken",
        reports: &["disk"],
        in_tests: true,
        turn: Turn::Alone,
        run: Run::Program {
            short: "run --quiet --locked -p crash -- --only disk",
            long: "run --quiet --locked -p crash -- --only disk --long",
        },
    },
    Proof {
        name: "load",
        what: "genuine notices answered in time amid a flood of forged ones and slow connections",
        reports: &["load"],
        in_tests: true,
        turn: Turn::Alone,
        run: Run::Program {
            short: "run --quiet --locked -p crash -- --only load",
            long: "run --quiet --locked -p crash -- --only load --long",
        },
    },
    Proof {
        name: "timing",
        what: "how long a refusal takes does not tell which byte was wrong",
        reports: &["timing"],
        in_tests: true,
        turn: Turn::Alone,
        run: Run::Program {
            short: "run --quiet --locked -p crash -- --only timing",
            long: "run --quiet --locked -p crash -- --only timing --long",
        },
    },
    Proof {
        name: "planted",
        what: "bugs planted on purpose are caught, each by the test that is meant to",
        reports: &["planted"],
        in_tests: true,
        turn: Turn::Beside,
        run: Run::Here(planted::run),
    },
    Proof {
        name: "simulation",
        what: "random histories with every fault, all invariants after every step",
        reports: &["simulation"],
        in_tests: true,
        turn: Turn::Beside,
        run: Run::Program {
            short: "run --quiet --locked --profile proof -p simulation -- --seeds 10000 --events 2000000",
            long: "run --quiet --locked --profile proof -p simulation -- --long",
        },
    },
    Proof {
        name: "fail_nth",
        what: "every call of every path to the store or the gateway fails once",
        reports: &["fail_nth"],
        in_tests: true,
        turn: Turn::Beside,
        run: Run::Program {
            short: "run --quiet --locked --profile proof -p simulation -- --fail-nth",
            long: "run --quiet --locked --profile proof -p simulation -- --fail-nth",
        },
    },
    Proof {
        name: "fuzz",
        what: "every parser of outside bytes under a fuzzer, each promise of it asserted",
        reports: &["fuzz"],
        in_tests: true,
        turn: Turn::Beside,
        run: Run::Here(fuzz::run),
    },
];

impl Proof {
    /// Cargo's arguments.
    pub(crate) fn arguments(&self, length: Length) -> impl Iterator<Item = &'static str> {
        let line = match (&self.run, length) {
            (Run::Program { short, .. }, Length::Short) => short,
            (Run::Program { long, .. }, Length::Long) => long,
            (Run::Here(_), _) => "",
        };
        line.split_whitespace()
    }

    /// The command with which a reader of `proof.json` gets the same again.
    pub(crate) fn command(&self, length: Length, part: Option<&str>) -> String {
        let long = if length == Length::Long {
            " --long"
        } else {
            ""
        };
        let part = part.map_or_else(String::new, |part| format!("/{part}"));
        format!("cargo xtask proof --only {}{part}{long}", self.name)
    }
}
