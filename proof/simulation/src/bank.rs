//! The simulated gateway's own books: who was charged, who was given back. Written from the gateway's documents; it
//! knows nothing of the shop's code, and what stands here is the truth that the shop is held against.

use std::collections::BTreeMap;

/// How a buyer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// A card.
    Card,
    /// A virtual account.
    Atm,
    /// A store's code.
    Cvs,
    /// LINE Pay, whose refunds the gateway does not tell of.
    Line,
    /// JKO Pay, whose remainder it tells.
    Jko,
}

/// How a trade stands at the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A number was issued.
    Issued,
    /// Paid.
    Paid,
    /// Failed.
    Failed,
    /// Cancelled: the authorisation was voided.
    Voided,
    /// The number ran out.
    Expired,
    /// The bank has not answered yet.
    ToConfirm,
}

/// Who asked for a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// The shop, for this refund of its ledger.
    Shop(String),
    /// A person in the gateway's console.
    Console,
}

/// Money that went back.
#[derive(Clone, Debug)]
pub struct Back {
    /// How much.
    pub amount: u32,
    /// When it was asked for.
    pub at: i64,
    /// When the bank has carried it out.
    pub done: i64,
    /// Whether it was taken back before that.
    pub cancelled: bool,
    /// Who asked.
    pub by: By,
}

/// One trade.
#[derive(Clone, Debug)]
pub struct Trade {
    /// The gateway's number.
    pub no: String,
    /// The merchant's number.
    pub attempt: String,
    /// A number that the gateway made for a wrong transfer.
    pub moved: Option<String>,
    /// What it is about, in dollars.
    pub amount: u32,
    /// How.
    pub way: Way,
    /// How it stands.
    pub standing: Standing,
    /// When it began, in milliseconds.
    pub created: i64,
    /// When the money came.
    pub paid: Option<i64>,
    /// Until when a number can be paid.
    pub ends: i64,
    /// When a card's money is captured.
    pub captured: i64,
    /// Refunds, oldest first.
    pub backs: Vec<Back>,
    /// When a silent bank speaks at last, and whether it says yes.
    pub speaks: Option<(i64, bool)>,
    /// The form was posted long after it was served.
    pub stale: bool,
}

impl Trade {
    /// Money taken and not released by a void.
    #[must_use]
    pub fn charged(&self) -> u32 {
        if self.paid.is_some() && self.standing == Standing::Paid {
            self.amount
        } else {
            0
        }
    }

    /// Money that went back or is on its way, a void included.
    #[must_use]
    pub fn given_back(&self) -> u32 {
        if self.standing == Standing::Voided && self.paid.is_some() {
            return self.amount;
        }
        let counts = self.backs.iter().filter(|back| !back.cancelled);
        counts.map(|back| back.amount).sum()
    }

    /// What may still go back.
    #[must_use]
    pub fn remaining(&self) -> u32 {
        self.charged().saturating_sub(self.given_back())
    }
}

/// The gateway's books.
#[derive(Clone, Debug, Default)]
pub struct Bank {
    /// Trades by the gateway's number.
    pub trades: BTreeMap<String, Trade>,
    /// Pages that are open: the merchant's number, the amount, and when the page closes.
    pub pages: BTreeMap<String, (u32, i64)>,
    /// Merchant's numbers that are used up.
    pub used: BTreeMap<String, String>,
    count: u64,
    /// Refunds carried out, by the shop's refund number.
    pub refunds_of: BTreeMap<String, u32>,
}

/// How long a capture takes.
pub const CAPTURE_MS: i64 = 4 * 3_600_000;
/// A page is open for so long (the gateway's own default).
pub const PAGE_MS: i64 = 600_000;
/// A bank that is silent has spoken after so long.
pub const SILENT_MS: i64 = 15 * 60_000;
/// How long the bank takes to carry a refund out.
pub const REFUND_MS: i64 = 10 * 60_000;

impl Bank {
    /// Opens a trade on a page.
    pub fn begin(
        &mut self,
        attempt: &str,
        amount: u32,
        way: Way,
        standing: Standing,
        now: i64,
        ends: i64,
    ) -> String {
        self.count += 1;
        let no = format!("{}{:06}", 17_000_000_000_000_u64, self.count);
        let paid = (standing == Standing::Paid).then_some(now);
        self.used.insert(attempt.to_owned(), no.clone());
        self.trades.insert(
            no.clone(),
            Trade {
                no: no.clone(),
                attempt: attempt.to_owned(),
                moved: None,
                amount,
                way,
                standing,
                created: now,
                paid,
                ends,
                captured: now + CAPTURE_MS,
                backs: Vec::new(),
                speaks: None,
                stale: false,
            },
        );
        no
    }

    /// A transfer of a wrong sum is booked under a trade of its own (documents, notice of a paid number).
    pub fn mis_post(&mut self, no: &str, amount: u32, now: i64) -> Option<String> {
        let first = self.trades.get(no)?.clone();
        self.count += 1;
        let new = format!("{}{:06}", 17_000_000_000_000_u64, self.count);
        let moved = Some(format!("{}X{}", first.attempt, self.count));
        self.trades.insert(
            new.clone(),
            Trade {
                no: new.clone(),
                moved,
                amount,
                standing: Standing::Paid,
                paid: Some(now),
                ..first
            },
        );
        Some(new)
    }

    /// Money for a number or from a slow bank arrives.
    pub fn pay(&mut self, no: &str, now: i64) -> bool {
        let Some(trade) = self.trades.get_mut(no) else {
            return false;
        };
        if !matches!(trade.standing, Standing::Issued | Standing::ToConfirm) {
            return false;
        }
        trade.standing = Standing::Paid;
        trade.paid = Some(now);
        trade.captured = now + CAPTURE_MS;
        true
    }

    /// What only time changes. Returns the trades that there is news of.
    pub fn tick(&mut self, now: i64) -> Vec<String> {
        let mut expired = Vec::new();
        let spoken: Vec<(String, bool)> = self
            .trades
            .values()
            .filter_map(|trade| {
                let (at, yes) = trade
                    .speaks
                    .filter(|_| trade.standing == Standing::ToConfirm)?;
                (now >= at).then(|| (trade.no.clone(), yes))
            })
            .collect();
        for (no, yes) in spoken {
            if yes {
                self.pay(&no, now);
            } else if let Some(trade) = self.trades.get_mut(&no) {
                trade.standing = Standing::Failed;
            }
            expired.push(no);
        }
        for trade in self.trades.values_mut() {
            if trade.standing == Standing::Issued && now > trade.ends {
                trade.standing = Standing::Expired;
                expired.push(trade.no.clone());
            }
        }
        expired
    }

    /// Gives money back.
    ///
    /// # Errors
    /// The gateway's code.
    pub fn give_back(
        &mut self,
        no: &str,
        amount: u32,
        by: By,
        now: i64,
    ) -> Result<(), &'static str> {
        let trade = self.trades.get_mut(no).ok_or("CLOSE03001")?;
        let card = trade.way == Way::Card;
        if amount == 0 || amount > trade.remaining() || (card && now < trade.captured) {
            return Err("CLOSE03001");
        }
        // The bank takes one after another.
        let last = trade.backs.iter().rfind(|back| !back.cancelled);
        if card && last.is_some_and(|back| now < back.done) {
            return Err("CLOSE03001");
        }
        let done = if card { now + REFUND_MS } else { now };
        self.count_refund(&by);
        let back = Back {
            amount,
            at: now,
            done,
            cancelled: false,
            by,
        };
        if let Some(trade) = self.trades.get_mut(no) {
            trade.backs.push(back);
        }
        Ok(())
    }

    fn count_refund(&mut self, by: &By) {
        if let By::Shop(refund) = by {
            *self.refunds_of.entry(refund.clone()).or_default() += 1;
        }
    }

    /// Cancels an authorisation.
    ///
    /// # Errors
    /// The gateway's code.
    pub fn void(&mut self, no: &str, by: &By, now: i64) -> Result<(), &'static str> {
        let trade = self.trades.get_mut(no).ok_or("CANCEL03001")?;
        let free = trade.way == Way::Card && trade.charged() > 0 && trade.backs.is_empty();
        if !free || now >= trade.captured {
            return Err("CANCEL03001");
        }
        trade.standing = Standing::Voided;
        self.count_refund(by);
        Ok(())
    }

    /// Takes the last refund back before the bank has carried it out.
    pub fn take_back(&mut self, no: &str, now: i64) -> bool {
        let last = self
            .trades
            .get_mut(no)
            .and_then(|trade| trade.backs.last_mut());
        let Some(back) = last.filter(|back| !back.cancelled && now < back.done) else {
            return false;
        };
        back.cancelled = true;
        true
    }
}
