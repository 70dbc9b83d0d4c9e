//! Buyers and the bank: who orders, who pays how, and what the bank makes of it.

use crate::{
    bank::{PAGE_MS, SILENT_MS, Standing, Way},
    faults::Fault,
    office::{MEMBERS, at_once, member, product_id, stock_of},
    rng::Rng,
    seal::{get, read_form},
    world::{Bought, Done, World},
};
use jiff::SignedDuration;
use ledger::{Ledger, NewOrder};
use orders::{AttemptNo, Line, Order, OrderNo, Twd};
use std::sync::Arc;

/// A number can be paid for so long.
const NUMBER_MS: i64 = 3 * 86_400_000;

impl World<'_> {
    /// Somebody checks out; at times with a form that was sent before.
    pub fn checkout(&mut self, rng: &mut Rng) {
        let Some(product) = rng.place(self.prices.len()) else {
            return;
        };
        let quantity = u32::try_from(rng.between(1, 2)).unwrap_or(1);
        let Ok(price) = Twd::new(self.prices[product]) else {
            return;
        };
        let Some(id) = product_id(product) else {
            return;
        };
        let line = Line {
            product: id,
            name: format!("商品{product}"),
            unit_price: price,
            quantity,
        };
        let lines = vec![line];
        let Some(amount) = orders::order::total(&lines) else {
            return;
        };
        let now = self.shop_now();
        let day = jiff::tz::offset(8).to_datetime(now).date();
        let buyer = rng.place(MEMBERS).unwrap_or(0);
        let new = NewOrder {
            order: Order {
                no: OrderNo::mint(day, rng.ten()),
                member: member(buyer),
                lines,
                amount,
                placed_at: now,
                expires_at: now + SignedDuration::from_mins(30),
            },
            checkout_key: format!("form-{}", rng.below(u64::MAX)),
            stock: vec![stock_of(product)],
            same_attempt_ms: 10_000,
            first_ask_ms: self.office.app(0).first_ask_ms(),
        };
        // A double click: the same form twice.
        for _ in 0..=u32::from(rng.chance(200)) {
            let (new, shared) = (new.clone(), self.office.shared.clone());
            let ledger = Arc::clone(&self.office.ledger);
            self.spawn(async move {
                let now = new.order.placed_at;
                let placed = match ledger.place(new, now).await {
                    Ok(placed) => placed,
                    Err(error) => {
                        if matches!(error, ledger::PlaceError::SoldOut { .. }) {
                            shared.town().fire(Fault::F62Oversell);
                        }
                        return Done::Placed(None);
                    }
                };
                let order = placed.book.order();
                Done::Placed(placed.attempt.map(|attempt| Bought {
                    no: order.no.clone(),
                    attempts: vec![attempt],
                    amount: order.amount.dollars(),
                }))
            });
        }
        if rng.chance(100) {
            // The owner changes a price; whoever has ordered keeps theirs.
            self.prices[product] += 10;
            self.fire(Fault::F60PriceChanges);
        }
    }

    /// Somebody tries again.
    pub fn pay_again(&mut self, rng: &mut Rng) {
        let Some(order) = rng.pick(&self.orders).cloned() else {
            return;
        };
        let ledger = Arc::clone(&self.office.ledger);
        let (key, now) = (format!("again-{}", rng.below(3)), self.shop_now());
        let first = self.office.app(0).first_ask_ms();
        let used = {
            let town = self.office.shared.town();
            let last = order.attempts.last().map(ToString::to_string);
            last.is_some_and(|last| town.bank.used.contains_key(&last))
        };
        if used {
            self.fire(Fault::F67NumberUsedUp);
        }
        self.spawn(async move {
            let again = ledger.attempt_again(&order.no, &key, first, now).await;
            Done::Again(order.no, again.ok().flatten().map(|(_, attempt)| attempt))
        });
    }

    /// A buyer opens the gateway's page with the shop's sealed form. Returns the amount that the form says.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn open_page(
        &mut self,
        attempt: &AttemptNo,
        order: &Bought,
    ) -> anyhow::Result<Option<u32>> {
        let Some(ledger) = self.office.ledger.behind() else {
            return Ok(None);
        };
        let Some(book) = at_once(ledger.book(attempt.order()))?? else {
            return Ok(None);
        };
        let app = self.office.app(0);
        let Ok(sealed) = app.gateway.hand_over(&book, attempt, None, false) else {
            return Ok(None);
        };
        let says = read_form(&sealed.form_body());
        let mut town = self.office.shared.town();
        town.events += 1;
        let Some(says) = says else {
            town.accuse("I05", format!("{attempt}: the form cannot be opened"));
            return Ok(None);
        };
        let amount = get(&says, "TradeAmt").and_then(|text| text.parse::<u32>().ok());
        if amount != Some(order.amount) || get(&says, "MerTradeNo") != Some(attempt.as_str()) {
            let what = format!("{attempt} costs {}, the form says {says:?}", order.amount);
            town.accuse("I02", what);
        }
        if let Some(amount) = amount {
            let closes = town.now + PAGE_MS;
            town.bank
                .pages
                .insert(attempt.to_string(), (amount, closes));
            town.wakes.insert(closes);
        }
        Ok(amount)
    }

    /// A buyer pays on an open page, or tries to. Few post the form only long after it was served.
    ///
    /// # Errors
    /// The ledger cannot be read.
    #[expect(
        clippy::too_many_lines,
        reason = "one buyer's visit, from the page to the news of it"
    )]
    pub fn pay(&mut self, rng: &mut Rng) -> anyhow::Result<()> {
        let stale = rng.chance(90);
        let mut open = Vec::new();
        for order in &self.orders {
            for attempt in &order.attempts {
                let town = self.office.shared.town();
                let page = town.bank.pages.get(attempt.as_str());
                let is_open = page.is_some_and(|(_, closes)| town.now < *closes);
                let used = town.bank.used.contains_key(attempt.as_str());
                if !used && (is_open || stale) {
                    open.push((order.clone(), attempt.clone(), is_open));
                }
            }
        }
        // Now and then somebody pays again for what was given back.
        let again: Vec<_> = open
            .iter()
            .filter(|(order, _, _)| {
                let stands = self.watch.status.get(order.no.as_str());
                stands.is_some_and(|stands| stands.ends_with("refunded"))
            })
            .cloned()
            .collect();
        let from = if again.is_empty() || rng.chance(300) {
            &open
        } else {
            &again
        };
        let Some((order, attempt, is_open)) = rng.pick(from).cloned() else {
            return Ok(());
        };
        if !is_open && self.open_page(&attempt, &order)?.is_none() {
            return Ok(());
        }
        let amount = order.amount;
        let (way, standing) = match rng.below(12) {
            4 => (Way::Card, Standing::Failed),
            5 => (Way::Card, Standing::ToConfirm),
            6 | 7 => (Way::Atm, Standing::Issued),
            8 => (Way::Cvs, Standing::Issued),
            9 => (Way::Line, Standing::Paid),
            10 => (Way::Jko, Standing::Paid),
            _ => (Way::Card, Standing::Paid),
        };
        let status = self.watch.status.get(order.no.as_str()).cloned();
        let no = {
            let mut town = self.office.shared.town();
            let now = town.now;
            if matches!(status.as_deref(), Some("expired" | "cancelled"))
                && standing == Standing::Paid
            {
                town.fire(Fault::F18PaidLate);
            }
            if matches!(status.as_deref(), Some("partially_refunded" | "refunded"))
                && standing == Standing::Paid
            {
                town.fire(Fault::F16RefundThenPayment);
            }
            let twice = town.bank.trades.values().any(|trade| {
                trade.attempt != attempt.as_str()
                    && trade.charged() > 0
                    && order
                        .attempts
                        .iter()
                        .any(|one| one.as_str() == trade.attempt)
            });
            if twice && standing == Standing::Paid {
                town.fire(Fault::F19PaidTwice);
            }
            let no = town.bank.begin(
                attempt.as_str(),
                amount,
                way,
                standing,
                now,
                now + NUMBER_MS,
            );
            let speaks = now + rng.between(60_000, SILENT_MS);
            if standing == Standing::ToConfirm {
                town.wakes.insert(speaks);
            }
            if let Some(trade) = town.bank.trades.get_mut(&no) {
                trade.stale = !is_open;
                trade.speaks = Some((speaks, rng.chance(600)));
            }
            no
        };
        // A bank that is silent says so at once, or says nothing at all.
        if standing == Standing::ToConfirm {
            self.fire(Fault::F65BankSilent);
        }
        self.tell_of(&no, rng);
        if rng.chance(500) {
            self.come_back(&no, rng);
        }
        Ok(())
    }

    /// The bank moves: a number is paid, a silent bank speaks, a wrong sum arrives, a failure is told too late.
    #[expect(clippy::too_many_lines, reason = "the list of what a bank does")]
    pub fn bank_moves(&mut self, rng: &mut Rng) {
        let trades: Vec<_> = {
            let town = self.office.shared.town();
            town.bank.trades.values().cloned().collect()
        };
        let Some(trade) = rng.pick(&trades).cloned() else {
            return;
        };
        let status = trade
            .attempt
            .parse::<AttemptNo>()
            .ok()
            .and_then(|attempt| self.watch.status.get(attempt.order().as_str()).cloned());
        let late = matches!(status.as_deref(), Some("expired" | "cancelled"));
        match trade.standing {
            Standing::Issued if rng.chance(250) && trade.way == Way::Atm => {
                let wrong = trade.amount + u32::try_from(rng.between(1, 9)).unwrap_or(1);
                let moved = {
                    let mut town = self.office.shared.town();
                    let now = town.now;
                    town.fire(Fault::F20MisPosted);
                    town.bank.mis_post(&trade.no, wrong, now)
                };
                if let Some(moved) = moved {
                    self.tell_of(&moved, rng);
                }
            }
            Standing::Issued | Standing::ToConfirm => {
                let fails = trade.standing == Standing::ToConfirm && rng.chance(400);
                {
                    let mut town = self.office.shared.town();
                    let now = town.now;
                    if fails {
                        town.fire(Fault::F09SilentFailure);
                        if let Some(trade) = town.bank.trades.get_mut(&trade.no) {
                            trade.standing = Standing::Failed;
                        }
                    } else {
                        if trade.standing == Standing::ToConfirm {
                            town.fire(Fault::F08ChargedInSilence);
                        }
                        if late {
                            town.fire(Fault::F18PaidLate);
                        }
                        town.bank.pay(&trade.no, now);
                    }
                }
                self.tell_of(&trade.no, rng);
            }
            // Money was there, and then the gateway tells of a failure of the same trade.
            Standing::Paid if self.profile.liar && trade.moved.is_none() && rng.chance(300) => {
                let mut lie = trade;
                lie.standing = Standing::Failed;
                self.fire(Fault::F07LateFailure);
                self.tell(&lie, rng);
            }
            // An older notice is found again.
            Standing::Paid if matches!(trade.way, Way::Atm | Way::Cvs) && trade.moved.is_none() => {
                let mut old = trade;
                old.standing = Standing::Issued;
                old.paid = None;
                self.fire(Fault::F06OutOfOrder);
                self.tell(&old, rng);
            }
            // The counter took the money in time; the gateway hears of it after the deadline.
            Standing::Expired if rng.chance(600) => {
                {
                    let mut town = self.office.shared.town();
                    let now = town.now;
                    town.fire(Fault::F18PaidLate);
                    if let Some(trade) = town.bank.trades.get_mut(&trade.no) {
                        trade.standing = Standing::Issued;
                        trade.ends = now + NUMBER_MS;
                        trade.stale = true;
                    }
                    town.bank.pay(&trade.no, now);
                }
                self.tell_of(&trade.no, rng);
            }
            // The notice of a payment that was voided meanwhile is found again.
            Standing::Voided if trade.paid.is_some() && rng.chance(500) => {
                let mut old = trade;
                old.standing = Standing::Paid;
                self.fire(Fault::F06OutOfOrder);
                self.tell(&old, rng);
            }
            Standing::Paid | Standing::Failed | Standing::Voided | Standing::Expired => {}
        }
    }

    /// What only time changes at the gateway.
    pub fn bank_ticks(&mut self, now: i64) {
        let expired = self.office.shared.town().bank.tick(now);
        for no in expired {
            let mut rng = self.rng();
            self.tell_of(&no, &mut rng);
        }
    }

    /// A buyer cancels.
    pub fn cancel(&mut self, rng: &mut Rng) {
        let Some(order) = rng.pick(&self.orders).cloned() else {
            return;
        };
        let (ledger, now) = (Arc::clone(&self.office.ledger), self.shop_now());
        self.spawn(async move {
            drop(
                ledger
                    .end(&order.no, orders::fact::Ending::Cancelled, now)
                    .await,
            );
            Done::Nothing
        });
    }
}
