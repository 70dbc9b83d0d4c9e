//! Everything that the gateway knows, as one value that can be kept in a file.

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::faults::Faults;
use crate::log::Log;
use crate::outbox::Message;
use crate::settings::Method;
use crate::switches::{MerTradeNoRule, Switches};
use crate::trade::{Card, Order, Trade};

/// The kept part.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Books {
    pub(crate) trades: BTreeMap<String, Trade>,
    /// Every `MerTradeNo` ever taken, with its last use; key `MerID/MerTradeNo`.
    pub(crate) numbers: BTreeMap<String, Used>,
    pub(crate) pages: BTreeMap<String, Page>,
    pub(crate) messages: Vec<Message>,
    pub(crate) faults: Faults,
    pub(crate) switches: Switches,
    pub(crate) clock: Clock,
    pub(crate) last_id: u64,
}

/// The use of a merchant's order number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Used {
    pub(crate) at: i64,
    /// The hosted page that was opened for it.
    pub(crate) page: Option<String>,
    /// The trade that came of it, once there was one.
    pub(crate) trade: Option<String>,
}

/// A hosted page, from its opening to its end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) order: Order,
    pub(crate) opened: i64,
    pub(crate) stage: Stage,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Stage {
    /// The buyer chooses how to pay.
    Choosing,
    /// The card waits for its 3D step.
    ThreeD {
        card: Card,
        eci_mismatch: bool,
        declines: bool,
    },
    /// The buyer is at the wallet's confirmation.
    Wallet(Method),
    /// Over: a trade was made. `back` is the message with which the browser goes back.
    Done {
        trade_no: String,
        back: Option<u64>,
        lost: bool,
    },
}

/// How many messages and pages are kept.
const KEPT: usize = 5000;

impl Books {
    pub(crate) fn new(switches: Switches) -> Self {
        Self {
            trades: BTreeMap::new(),
            numbers: BTreeMap::new(),
            pages: BTreeMap::new(),
            messages: Vec::new(),
            faults: Faults::default(),
            switches,
            clock: Clock::real(),
            last_id: 0,
        }
    }

    pub(crate) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Whether the merchant may not use this number (any more).
    pub(crate) fn taken(&self, mer_id: &str, mer_trade_no: &str, now: i64) -> bool {
        self.numbers
            .get(&key(mer_id, mer_trade_no))
            .is_some_and(|used| match self.switches.mer_trade_no_rule {
                MerTradeNoRule::Always => true,
                MerTradeNoRule::TenMinutes => now - used.at < 600_000,
            })
    }

    pub(crate) fn by_mer_trade_no(&self, mer_id: &str, mer_trade_no: &str) -> Option<&Trade> {
        let used = self.numbers.get(&key(mer_id, mer_trade_no))?;
        self.trades.get(used.trade.as_ref()?)
    }

    pub(crate) fn trade_of(&self, mer_id: &str, trade_no: &str) -> Option<&Trade> {
        self.trades
            .get(trade_no)
            .filter(|t| t.order.mer_id == mer_id)
    }

    pub(crate) fn open_page(&mut self, token: String, order: Order, now: i64) {
        let used = Used {
            at: now,
            page: Some(token.clone()),
            trade: None,
        };
        self.numbers
            .insert(key(&order.mer_id, &order.mer_trade_no), used);
        if self.pages.len() >= KEPT {
            self.pages.retain(|_, page| now - page.opened < 3_600_000);
        }
        self.pages.insert(
            token,
            Page {
                order,
                opened: now,
                stage: Stage::Choosing,
            },
        );
    }

    pub(crate) fn add_trade(&mut self, trade: Trade) {
        let used = self
            .numbers
            .entry(key(&trade.order.mer_id, &trade.order.mer_trade_no))
            .or_insert(Used {
                at: trade.created,
                page: None,
                trade: None,
            });
        used.trade = Some(trade.trade_no.clone());
        self.trades.insert(trade.trade_no.clone(), trade);
    }

    pub(crate) fn add_message(&mut self, message: Message) {
        if self.messages.len() >= KEPT {
            self.messages.drain(..KEPT / 10);
        }
        self.messages.push(message);
    }
}

pub(crate) fn key(mer_id: &str, mer_trade_no: &str) -> String {
    format!("{mer_id}/{mer_trade_no}")
}

/// The books, the log and the dice: all that changes, behind one lock.
pub(crate) struct Desk {
    pub(crate) books: Books,
    pub(crate) log: Log,
    pub(crate) dice: StdRng,
}

impl Desk {
    pub(crate) fn new(books: Books, seed: u64) -> Self {
        Self {
            books,
            log: Log::default(),
            dice: StdRng::seed_from_u64(seed),
        }
    }

    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b'0' + self.dice.random_range(0..10_u8)))
            .collect()
    }

    pub(crate) fn token(&mut self) -> String {
        hex::encode(self.dice.random::<[u8; 16]>())
    }

    /// Ten digits of Unix seconds and nine more, as observed.
    pub(crate) fn trade_no(&mut self, now: i64) -> String {
        loop {
            let no = format!("{:010}{}", now / 1000, self.digits(9));
            if !self.books.trades.contains_key(&no) {
                return no;
            }
        }
    }
}
