//! Messages to the shop: notices, returns, and what strangers send.

use crate::{
    bank::{Standing, Trade},
    faults::Fault,
    rng::Rng,
    seal::{Fields, OURS, STRANGERS, fields, get},
    teller::result,
    world::{Done, World},
};
use axum::{body::Body, extract::State, http::Request};
use shop::flow::{step_5_notified::notified, step_6_return::returned};

/// Through which door a message comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// Server to server.
    Notify,
    /// By the buyer's browser.
    Return,
}

/// A message on its way.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its body.
    pub form: String,
    /// What its sealed part says.
    pub says: Fields,
    /// When it arrives.
    pub due: i64,
    /// Through which door.
    pub door: Door,
    /// Whether the gateway sent it, or a stranger with the gateway's keys: then it must be kept.
    pub authentic: bool,
    /// How often it was sent.
    pub tries: u32,
}

/// What the shop has said `OK` to.
#[derive(Clone, Debug)]
pub struct Acked {
    /// The attempt.
    pub attempt: String,
    /// The trade.
    pub trade: String,
}

/// How often the gateway sends a notice again that was not taken.
const TRIES: u32 = 8;

impl World<'_> {
    /// The gateway has news of a trade: it tells the shop, if nothing is lost, and perhaps more than once.
    pub fn tell(&mut self, trade: &Trade, rng: &mut Rng) {
        let rates = self.profile.rates;
        if self.profile.no_notices {
            self.fire(Fault::F01NoticesLost);
            // A transfer of a wrong sum is told of by its notice alone; that one is sent until it is taken.
            if trade.moved.is_none() {
                return;
            }
        } else if !self.healed && trade.moved.is_none() && rng.chance(rates.lost) {
            return;
        }
        let says = result(trade);
        let mail = Mail {
            form: OURS.notice(&says),
            says,
            due: self.now() + rng.between(0, 40_000),
            door: Door::Notify,
            authentic: true,
            tries: 0,
        };
        while !self.healed && rng.chance(rates.again) {
            self.fire(Fault::F05Duplicate);
            let due = self.now() + rng.between(0, 7_200_000);
            self.mail.push(Mail {
                due,
                ..mail.clone()
            });
        }
        self.mail.push(mail);
    }

    /// The gateway tells by trade number.
    pub fn tell_of(&mut self, no: &str, rng: &mut Rng) {
        let trade = self.office.shared.town().bank.trades.get(no).cloned();
        if let Some(trade) = trade {
            self.tell(&trade, rng);
        }
    }

    /// The buyer's browser comes back with the result.
    pub fn come_back(&mut self, no: &str, rng: &mut Rng) {
        let trade = self.office.shared.town().bank.trades.get(no).cloned();
        let Some(trade) = trade else { return };
        let told = self
            .mail
            .iter()
            .any(|mail| get(&mail.says, "TradeNo") == Some(no) && mail.door == Door::Notify);
        self.fire(if told {
            Fault::F03ReturnFirst
        } else {
            Fault::F02ReturnOnly
        });
        let says = result(&trade);
        self.mail.push(Mail {
            form: OURS.notice(&says),
            says,
            due: self.now() + rng.between(0, 5_000),
            door: Door::Return,
            authentic: true,
            tries: 0,
        });
    }

    /// Hands over what has arrived.
    pub fn deliver_due_mail(&mut self, now: i64) {
        let (due, rest): (Vec<Mail>, Vec<Mail>) = std::mem::take(&mut self.mail)
            .into_iter()
            .partition(|mail| mail.due <= now);
        self.mail = rest;
        for mail in due {
            if self.up {
                self.post(mail);
            } else {
                self.send_later(mail);
            }
        }
    }

    /// The sender tries again later, a few times.
    pub(crate) fn send_later(&mut self, mut mail: Mail) {
        mail.tries += 1;
        mail.due = self.now() + 60_000 * i64::from(mail.tries);
        let insists = get(&mail.says, "NewMerTradeNo").is_some();
        if mail.authentic && mail.door == Door::Notify && (mail.tries < TRIES || insists) {
            self.mail.push(mail);
        }
    }

    /// Posts a message to the shop's own handler.
    pub fn post(&mut self, mail: Mail) {
        self.office.shared.town().events += 1;
        let app = self.office.app(0);
        self.answer(mail.clone(), async move {
            let path = match mail.door {
                Door::Notify => "/payuni/notify",
                Door::Return => "/payuni/return",
            };
            let request = Request::post(path)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(Body::from(mail.form.clone()));
            let Ok(request) = request else {
                return Done::Nothing;
            };
            let response = match mail.door {
                Door::Notify => notified(State(app), request).await,
                Door::Return => returned(State(app), request).await,
            };
            Done::Notice(Box::new(mail), response.status().as_u16())
        });
    }

    /// The shop has answered a message.
    ///
    /// # Errors
    /// The ledger cannot be looked at.
    pub fn answered(&mut self, mail: Mail, status: u16) -> anyhow::Result<()> {
        self.office.shared.town().note(u64::from(status));
        if mail.door == Door::Return {
            return Ok(());
        }
        match (mail.authentic, status) {
            (true, 200) => {
                let text = |name: &str| get(&mail.says, name).unwrap_or_default().to_owned();
                let acked = Acked {
                    attempt: text("MerTradeNo"),
                    trade: text("TradeNo"),
                };
                self.is_kept(&acked, "I12")?;
                self.acked.push(acked);
            }
            (true, 503) => self.send_later(mail),
            (true, other) => {
                let what = format!("an authentic notice was answered {other}: {:?}", mail.says);
                self.office.shared.town().accuse("I12", what);
            }
            (false, 200) => {
                let what = format!("a forgery was answered OK: {:?}", mail.says);
                self.office.shared.town().accuse("I15", what);
            }
            (false, _) => {}
        }
        Ok(())
    }

    /// What was acknowledged stands in the ledger: as a fact, or on the list for a person.
    ///
    /// # Errors
    /// The ledger cannot be looked at.
    pub fn is_kept(&self, acked: &Acked, rule: &'static str) -> anyhow::Result<()> {
        let mut town = self.office.shared.town();
        let Some(eye) = &town.eye else { return Ok(()) };
        let kept: bool = eye
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM facts WHERE attempt_no = ?1 AND trade_no = ?2)
                 OR EXISTS (SELECT 1 FROM exceptions WHERE trade_no = ?2)",
            )?
            .query_row([&acked.attempt, &acked.trade], |row| row.get(0))?;
        if !kept {
            let what = format!("{acked:?} was acknowledged and is not there");
            town.accuse(rule, what);
        }
        Ok(())
    }

    /// A stranger tries something.
    #[expect(clippy::too_many_lines, reason = "the list of what strangers try")]
    pub fn forge(&mut self, rng: &mut Rng) {
        let trades: Vec<Trade> = {
            let town = self.office.shared.town();
            town.bank.trades.values().cloned().collect()
        };
        let Some(order) = rng.pick(&self.orders).cloned() else {
            return;
        };
        let Some(attempt) = rng.pick(&order.attempts).cloned() else {
            return;
        };
        let invented = Trade {
            no: format!("66{:012}", rng.below(1_000_000_000)),
            attempt: attempt.to_string(),
            moved: None,
            amount: order.amount,
            way: crate::bank::Way::Card,
            standing: Standing::Paid,
            created: self.now(),
            paid: Some(self.now()),
            ends: 0,
            captured: 0,
            backs: Vec::new(),
            speaks: None,
            stale: false,
        };
        let says = rng.pick(&trades).map_or_else(|| result(&invented), result);
        let (form, says, authentic) = match rng.below(6) {
            // Sealed with other keys.
            0 => (
                STRANGERS.notice(&result(&invented)),
                result(&invented),
                false,
            ),
            // One bit of a genuine message is bent.
            1 => {
                let mut form = OURS.notice(&says).into_bytes();
                let from = form.len() / 3;
                let at = from + rng.place(form.len() - from).unwrap_or(0);
                form[at] = if form[at] == b'a' { b'b' } else { b'a' };
                (String::from_utf8_lossy(&form).into_owned(), says, false)
            }
            // The shop's own kind of message comes back.
            2 => {
                let mut own = result(&invented);
                own.extend(fields(&[
                    ("NotifyURL", "https://shop.example/"),
                    ("ProdDesc", "x"),
                ]));
                (OURS.notice(&own), own, false)
            }
            // Another merchant's, under our keys: authentic, and not about us.
            3 => {
                let mut other = result(&invented);
                for (name, value) in &mut other {
                    if name == "MerID" {
                        "OTHER0001".clone_into(value);
                    }
                }
                (OURS.notice(&other), other, true)
            }
            // About an order that nobody placed.
            4 => {
                let mut unknown = result(&invented);
                for (name, value) in &mut unknown {
                    if name == "MerTradeNo" {
                        "260101ZZZZZZZZZZZZZZZZ".clone_into(value);
                    }
                }
                self.fire(Fault::F04NoticeFirst);
                (OURS.notice(&unknown), unknown, true)
            }
            // Whoever has the keys can sign a payment that never was.
            _ if self.profile.leaked => {
                self.fire(Fault::KeysLeaked);
                (OURS.notice(&result(&invented)), result(&invented), true)
            }
            _ => return,
        };
        self.fire(Fault::Forged);
        // A bent message may by chance still say the same: then it is no forgery.
        let bent_back =
            !authentic && OURS.notice(&says) == form && get(&says, "NotifyURL").is_none();
        self.mail.push(Mail {
            form,
            says,
            due: self.now(),
            door: if rng.chance(800) {
                Door::Notify
            } else {
                Door::Return
            },
            authentic: authentic || bent_back,
            tries: 0,
        });
    }
}
