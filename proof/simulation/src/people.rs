//! People: the back office with its refunds and decisions, the gateway's console, and hands on the sheet.

use crate::{
    bank::{By, Standing, Way},
    faults::Fault,
    grid::Leaf,
    office::{admins, at, at_once, member},
    rng::Rng,
    world::{Done, World},
};
use google::sheets::Cell;
use jiff::Timestamp;
use ledger::{Actor, Desk, DeskError, Ledger};
use orders::{RefundNo, TradeNo, Twd};
use shop::refunds::{Wish, begin};
use std::sync::Arc;

fn actor(index: usize) -> Actor {
    Actor {
        member: member(index),
        session: format!("session{index}"),
        signed_in_since: at(0),
        admins: admins(),
    }
}

/// Refused for want of a right.
fn kept_out(error: &DeskError) -> bool {
    matches!(
        error,
        DeskError::Forbidden | DeskError::SignInAgain | DeskError::Ledger(_)
    )
}

impl World<'_> {
    /// Somebody wants to give money back.
    pub fn ask_for_refund(&mut self, rng: &mut Rng) {
        let trades: Vec<_> = {
            let town = self.office.shared.town();
            let paid = town
                .bank
                .trades
                .values()
                .filter(|trade| trade.charged() > 0);
            paid.cloned().collect()
        };
        let Some(trade) = rng.pick(&trades) else {
            return;
        };
        let Ok(attempt) = trade.attempt.parse::<orders::AttemptNo>() else {
            return;
        };
        let part = match rng.below(4) {
            0 => trade.amount,
            1 => trade.amount / 2,
            2 => trade.amount / 3,
            _ => trade.amount.saturating_add(1),
        };
        let (Ok(amount), Ok(trade_no)) = (Twd::new(part.max(1)), trade.no.parse::<TradeNo>())
        else {
            return;
        };
        if part < trade.amount {
            self.fire(Fault::F15PartialRefunds);
        }
        let wish = Wish {
            no: RefundNo::mint(rng.ten()),
            order: attempt.order().clone(),
            trade_no,
            amount,
            reason: "客人退貨".to_owned(),
        };
        let stranger = rng.chance(80);
        let who = if stranger {
            self.fire(Fault::StaleActor);
            let mut who = actor(rng.place(2).unwrap_or(0) + if rng.chance(500) { 3 } else { 0 });
            if who.member == member(0) || who.member == member(1) {
                // Signed in too long ago.
                who.signed_in_since = Timestamp::MAX;
            }
            who
        } else {
            actor(rng.place(2).unwrap_or(0))
        };
        for _ in 0..=u32::from(rng.chance(150)) {
            let (wish, who) = (wish.clone(), who.clone());
            let app = self.office.app(0);
            self.spawn(async move {
                let begun = begin(&app, wish, who).await;
                if stranger {
                    Done::Denied(begun.is_ok())
                } else {
                    Done::Nothing
                }
            });
        }
    }

    /// Part of a payment, or all of a small one, is given back; little enough for one person to decide.
    pub fn refund_some(&mut self, trade: &str, rng: &mut Rng) {
        let known = self.office.shared.town().bank.trades.get(trade).cloned();
        let Some(trade) = known else { return };
        let wish = trade
            .attempt
            .parse::<orders::AttemptNo>()
            .ok()
            .zip(trade.no.parse::<TradeNo>().ok())
            .zip(Twd::new(trade.amount.min(700)).ok());
        let Some(((attempt, trade_no), amount)) = wish else {
            return;
        };
        let wish = Wish {
            no: RefundNo::mint(rng.ten()),
            order: attempt.order().clone(),
            trade_no,
            amount,
            reason: "客人退貨".to_owned(),
        };
        let app = self.office.app(0);
        self.spawn(async move {
            drop(begin(&app, wish, actor(0)).await);
            Done::Nothing
        });
    }

    /// Somebody decides about a refund.
    pub fn decide_refund(&mut self, rng: &mut Rng) {
        let known: Vec<(String, String)> = self
            .watch
            .refunds
            .iter()
            .filter(|(_, state)| matches!(state.as_str(), "requested" | "reserved" | "in_doubt"))
            .map(|(no, state)| (no.clone(), state.clone()))
            .collect();
        let Some((no, state)) = rng.pick(&known).cloned() else {
            return;
        };
        let Ok(refund) = no.parse::<RefundNo>() else {
            return;
        };
        let happened = {
            let town = self.office.shared.town();
            town.bank.trades.values().any(|trade| {
                let by = |back: &crate::bank::Back| {
                    !back.cancelled && matches!(&back.by, By::Shop(of) if *of == no)
                };
                trade.backs.iter().any(by)
            }) || town.bank.refunds_of.contains_key(&no)
        };
        // A person looks at the console only once the call can no longer arrive.
        let long_in_doubt = self
            .watch
            .doubts
            .get(&no)
            .is_some_and(|since| self.now() > since + 120_000);
        let (who, choice) = (actor(rng.place(2).unwrap_or(0)), rng.below(3));
        let stale = rng.chance(60);
        let who = if stale {
            self.fire(Fault::StaleActor);
            Actor {
                session: "gone".to_owned(),
                ..who
            }
        } else {
            who
        };
        let (ledger, now) = (Arc::clone(&self.office.ledger), self.shop_now());
        self.spawn(async move {
            let done = match (state.as_str(), choice) {
                ("in_doubt", _) if long_in_doubt => {
                    let why = "看過 PAYUNi 後台".to_owned();
                    ledger
                        .resolve_refund(&refund, happened, why, who, now)
                        .await
                }
                ("in_doubt", _) => return Done::Nothing,
                ("requested", 0 | 1) => ledger.approve_refund(&refund, who, now).await,
                ("reserved", 0 | 1) => ledger.finish_by_hand(&refund, who, now).await,
                _ => {
                    let why = "不退了".to_owned();
                    ledger.reject_refund(&refund, why, who, now).await
                }
            };
            if !stale {
                return Done::Nothing;
            }
            Done::Denied(done.is_ok_and(|_| true))
        });
    }

    /// Somebody decides about a case of the review list.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn decide_case(&mut self, rng: &mut Rng) -> anyhow::Result<()> {
        let Some(ledger) = self.office.ledger.behind() else {
            return Ok(());
        };
        let cases = at_once(ledger.exceptions(50))??;
        let open: Vec<i64> = cases
            .iter()
            .filter(|case| case.decision.is_none())
            .map(|case| case.n)
            .collect();
        let Some(n) = rng.pick(&open).copied() else {
            return Ok(());
        };
        let stranger = rng.chance(60);
        let who = if stranger {
            self.fire(Fault::StaleActor);
            actor(4)
        } else {
            actor(rng.place(2).unwrap_or(0))
        };
        let (ledger, now) = (Arc::clone(&self.office.ledger), self.shop_now());
        self.spawn(async move {
            let decided = ledger.decide_case(n, "查過了".to_owned(), who, now).await;
            match decided {
                Ok(_) if stranger => Done::Denied(true),
                Err(error) if stranger => Done::Denied(!kept_out(&error)),
                Ok(_) | Err(_) => Done::Nothing,
            }
        });
        Ok(())
    }

    /// Somebody ends an offer, paid or not: only one that nobody paid may end so.
    pub fn cancel_in_the_back_office(&mut self, rng: &mut Rng) {
        let Some(no) = rng.pick(&self.orders).map(|order| order.no.clone()) else {
            return;
        };
        let stranger = rng.chance(80);
        let who = if stranger {
            self.fire(Fault::StaleActor);
            actor(4)
        } else {
            actor(rng.place(2).unwrap_or(0))
        };
        let (ledger, now) = (Arc::clone(&self.office.ledger), self.shop_now());
        let shared = self.office.shared.clone();
        self.spawn(async move {
            let why = "客人來電取消".to_owned();
            let cancelled = ledger.cancel_order(&no, why, who, now).await;
            match cancelled {
                Ok(_) if stranger => Done::Denied(true),
                Ok(_) => {
                    shared.town().fire(Fault::CalledOff);
                    Done::Nothing
                }
                Err(error) if stranger => Done::Denied(!kept_out(&error)),
                Err(_) => Done::Nothing,
            }
        });
    }

    /// Somebody works in the gateway's console, or the bank takes a refund back.
    pub fn console(&mut self, rng: &mut Rng) {
        let undelivered = |attempt: &str| {
            let order = attempt.split('-').next().unwrap_or_default();
            self.watch
                .status
                .get(order)
                .is_some_and(|stands| stands == "paid")
        };
        let mut town = self.office.shared.town();
        let now = town.now;
        let all: Vec<(String, bool)> = town
            .bank
            .trades
            .values()
            .filter(|trade| trade.paid.is_some() && trade.moved.is_none())
            .map(|trade| (trade.no.clone(), undelivered(&trade.attempt)))
            .collect();
        // What is paid and not delivered yet is where a console does most harm.
        let first: Vec<_> = all.iter().filter(|(_, open)| *open).cloned().collect();
        let from = if first.is_empty() || rng.chance(300) {
            &all
        } else {
            &first
        };
        let Some((no, _)) = rng.pick(from) else {
            return;
        };
        let Some(trade) = town.bank.trades.get(no).cloned() else {
            return;
        };
        if trade.way == Way::Card && rng.chance(500) && town.bank.take_back(no, now) {
            town.fire(Fault::F14Reversed);
        } else if rng.chance(300) {
            if town.bank.void(no, &By::Console, now).is_ok() {
                town.fire(Fault::F17ConsoleRefund);
            }
        } else if matches!(trade.way, Way::Card | Way::Jko) && rng.chance(400) {
            let amount = (trade.remaining() / 2).max(1);
            if town.bank.give_back(no, amount, By::Console, now).is_ok() {
                town.fire(Fault::F17ConsoleRefund);
            }
        } else if trade.standing == Standing::Paid && trade.given_back() == trade.amount {
            town.fire(Fault::F68StaysPaid);
        }
    }

    /// People's hands are in the sheet.
    pub fn edit_sheet(&mut self, rng: &mut Rng) {
        let mut leaves = self.sheet.leaves();
        let Some(at) = rng.place(leaves.len()) else {
            return;
        };
        if rng.chance(60) {
            leaves.remove(at);
            drop(leaves);
            self.fire(Fault::F43TabGone);
            return;
        }
        let fault = edit(&mut leaves[at], rng);
        drop(leaves);
        if let Some(fault) = fault {
            self.fire(fault);
        }
    }
}

fn edit(leaf: &mut Leaf, rng: &mut Rng) -> Option<Fault> {
    let used = leaf
        .cells
        .iter()
        .rposition(|row| row.iter().any(|cell| *cell != Cell::Empty))?;
    if used < 1 {
        return None;
    }
    let pick = 1 + rng.place(used)?;
    match rng.below(4) {
        0 => {
            leaf.cells[1..=used]
                .sort_by_key(|row| row.iter().map(Cell::to_text).collect::<Vec<_>>().join("\t"));
            leaf.cells[1..=used].reverse();
            Some(Fault::F44Sorted)
        }
        1 => {
            let row = leaf.cells.remove(pick);
            leaf.cells.push(vec![Cell::Empty; row.len()]);
            Some(Fault::F45RowsDeleted)
        }
        2 => {
            // Not the key: what a row is called decides which row it is.
            let column = 1 + rng.place(leaf.cells[pick].len().saturating_sub(1))?;
            leaf.cells[pick][column] = Cell::Text("改過".to_owned());
            Some(Fault::F47Edited)
        }
        _ => {
            let row = leaf.cells[pick].clone();
            let free = leaf.cells.get_mut(used + 1)?;
            *free = row;
            Some(Fault::F48PastedTwice)
        }
    }
}
