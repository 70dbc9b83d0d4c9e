//! What one seed's world is like: which faults it knows, and how often they come.

use crate::rng::Rng;

/// Rates in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// A call lets others go first.
    pub yields: u32,
    /// A store call ends the process.
    pub crash: u32,
    /// A store call fails.
    pub store: u32,
    /// A gateway call fares badly.
    pub wire: u32,
    /// A gateway call takes seconds.
    pub slow: u32,
    /// An answer of the gateway is bent.
    pub lies: u32,
    /// A sheet call fails.
    pub sheet: u32,
    /// A delivery fails.
    pub delivery: u32,
    /// A notice is lost.
    pub lost: u32,
    /// A notice comes again.
    pub again: u32,
}

/// One seed's world.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// How often things go wrong.
    pub rates: Rates,
    /// Every notice is lost.
    pub no_notices: bool,
    /// A second instance works on the same ledger; its clock differs by so much.
    pub second: Option<i64>,
    /// The merchant's keys are known to a stranger.
    pub leaked: bool,
    /// The shop's clock jumps.
    pub jumps: bool,
    /// Refunds and decisions happen.
    pub desk: bool,
    /// People edit the sheet.
    pub hands: bool,
    /// The gateway contradicts itself.
    pub liar: bool,
    /// The shop takes late money by itself once it is confirmed.
    pub takes_late: bool,
}

impl Profile {
    /// A world in which nothing goes wrong by itself.
    #[must_use]
    pub fn quiet() -> Self {
        Self {
            rates: Rates::default(),
            no_notices: false,
            second: None,
            leaked: false,
            jumps: false,
            desk: true,
            hands: false,
            liar: false,
            takes_late: false,
        }
    }

    /// Draws a world. A part of them is kind but for one fault, so that its strict promise can be held.
    #[must_use]
    pub fn draw(rng: &mut Rng) -> Self {
        let mild = rng.chance(250);
        let mut rate = |usual: u32, on: u32| {
            if mild || !rng.chance(on) {
                0
            } else {
                u32::try_from(rng.below(u64::from(usual))).unwrap_or(0) + 1
            }
        };
        let rates = Rates {
            yields: 200,
            crash: rate(8, 500),
            store: rate(30, 500),
            wire: rate(250, 600),
            slow: rate(300, 500),
            lies: 0,
            sheet: rate(200, 600),
            delivery: rate(300, 400),
            lost: rate(600, 700),
            again: rate(400, 700),
        };
        let no_notices = rng.chance(150);
        let liar = !mild && rng.chance(250);
        let apart = rng.between(-300_000, 300_000);
        Self {
            rates: Rates {
                lies: if liar { 60 } else { 0 },
                ..rates
            },
            no_notices,
            second: (!mild && rng.chance(200)).then_some(apart),
            leaked: !mild && rng.chance(120),
            jumps: !mild && rng.chance(120),
            desk: rng.chance(750),
            hands: !mild && rng.chance(350),
            liar,
            takes_late: rng.chance(400),
        }
    }
}
