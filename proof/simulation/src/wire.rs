//! The wire between shop and gateway: slow, lossy, and at times full of nonsense.

use crate::{
    bank::By,
    faults::Fault,
    seal::{OURS, STRANGERS, get, read_form},
    shared::{Plan, Shared, Town, Verdict},
    teller::{Bent, serve},
};
use async_trait::async_trait;
use shop::gateway::{Wire, WireError};

/// The simulated wire.
pub struct SimulatedWire(pub Shared);

/// What happens to one call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Arrives,
    LostBefore,
    LostAfter,
    Page,
    Cut,
    WrongHash,
    Unknown,
}

fn unreachable(why: &'static str) -> WireError {
    WireError::Unreachable(why.into())
}

#[async_trait]
impl Wire for SimulatedWire {
    async fn post(&self, url: String, form: String) -> Result<Vec<u8>, WireError> {
        let verdict = self.0.gate(false).await;
        if verdict == Verdict::FailBefore {
            return Err(unreachable("simulated"));
        }
        let path = url
            .split("/api/")
            .nth(1)
            .unwrap_or_default()
            .trim_matches('/')
            .to_owned();
        let (fate, bent, there, back) = self.0.town().fate(&path);
        self.0.until(there).await;
        if fate == Fate::LostBefore {
            self.0.until(there + 10_000).await;
            return Err(unreachable("timed out"));
        }
        let answer = {
            let mut town = self.0.town();
            town.events += 1;
            let asked = read_form(&form);
            match asked {
                None => br#"{"Status":"API00004"}"#.to_vec(),
                Some(asked) => {
                    let now = town.now;
                    if !path.contains("query") && town.plan == Plan::Dice && town.rng.chance(50) {
                        // Somebody in the console is quicker.
                        town.console_is_quicker(get(&asked, "TradeNo").unwrap_or_default());
                    }
                    let intent = town.refund_under_way(&path, get(&asked, "TradeNo"));
                    if let Some(attempt) = get(&asked, "MerTradeNo").map(str::to_owned)
                        && path == "trade/query"
                    {
                        town.asked.entry(attempt).or_default().push(now);
                    }
                    let fields = serve(&mut town.bank, &path, &asked, intent.as_deref(), now, bent);
                    if fields
                        .iter()
                        .any(|(_, value)| value == "CLOSE03001" || value == "CANCEL03001")
                    {
                        town.fire(Fault::F69RefundRefused);
                    }
                    let length = u64::try_from(fields.len()).unwrap_or(0);
                    town.note(length);
                    match fate {
                        Fate::Page => b"<html>502 Bad Gateway</html>".to_vec(),
                        Fate::WrongHash => STRANGERS.answer(&fields),
                        Fate::Unknown => OURS.answer(&crate::seal::fields(&[
                            ("Status", "UNKNOWN"),
                            ("Message", "未知"),
                        ])),
                        Fate::Cut => {
                            let mut whole = OURS.answer(&fields);
                            whole.truncate(whole.len() / 2);
                            whole
                        }
                        Fate::Arrives | Fate::LostAfter | Fate::LostBefore => OURS.answer(&fields),
                    }
                }
            }
        };
        self.0.until(back).await;
        if fate == Fate::LostAfter || verdict == Verdict::FailAfter {
            self.0.until(back + 10_000).await;
            return Err(unreachable("timed out"));
        }
        Ok(answer)
    }
}

impl Town {
    /// Draws what happens to a call, and when it arrives and returns.
    fn fate(&mut self, path: &str) -> (Fate, Bent, i64, i64) {
        let rates = self.rates;
        let query = path.starts_with("trade/query");
        let moves_money = !path.contains("query");
        let slow = if self.rng.chance(rates.slow) {
            8_000
        } else {
            400
        };
        let there = self.now + self.rng.between(0, slow);
        let back = there + self.rng.between(0, slow);
        let mut bent = Bent::default();
        if self.now < self.bank_down_until {
            self.fire(Fault::F11QueryDown);
            return (Fate::LostBefore, bent, there, back);
        }
        let fate = if self.rng.chance(rates.wire) {
            let (fate, fault) = match (self.rng.below(6), moves_money) {
                (0 | 1, true) => (Fate::LostAfter, Fault::F13RefundAnswerLost),
                (2, true) => (Fate::LostBefore, Fault::F13RefundNeverArrived),
                (3, true) => (Fate::Unknown, Fault::F13RefundAnswerLost),
                (0, false) => (Fate::LostBefore, Fault::F11QueryDown),
                (1, false) => (Fate::LostAfter, Fault::F11QueryDown),
                (2 | 3, false) => (Fate::WrongHash, Fault::F12BadAnswer),
                (4, _) => (Fate::Page, Fault::F12BadAnswer),
                _ => (Fate::Cut, Fault::F12BadAnswer),
            };
            self.fire(fault);
            fate
        } else {
            Fate::Arrives
        };
        if query && self.rng.chance(rates.lies) {
            let fault = match self.rng.below(8) {
                0 => {
                    bent.other_amount = true;
                    Fault::F10Contradiction
                }
                1 => {
                    bent.strange = true;
                    Fault::F10Contradiction
                }
                2..=4 => {
                    bent.denies = true;
                    Fault::F10Contradiction
                }
                _ => {
                    bent.incomplete = true;
                    Fault::F66Incomplete
                }
            };
            self.fire(fault);
        }
        (fate, bent, there, back)
    }

    fn console_is_quicker(&mut self, trade: &str) {
        let now = self.now;
        let left = self
            .bank
            .trades
            .get(trade)
            .map_or(0, crate::bank::Trade::remaining);
        if self.bank.give_back(trade, left, By::Console, now).is_ok() {
            self.fire(Fault::F17ConsoleRefund);
        }
    }

    /// Which refund of the ledger a call that gives money back is about: the one of this trade that stands as sent.
    fn refund_under_way(&mut self, path: &str, trade: Option<&str>) -> Option<String> {
        if path.contains("query") {
            return None;
        }
        let eye = self.eye.as_ref()?;
        let found = eye
            .prepare_cached("SELECT refund_no FROM refunds WHERE trade_no = ?1 AND state IN ('sent', 'in_doubt')")
            .and_then(|mut statement| statement.query_row([trade.unwrap_or_default()], |row| row.get::<_, String>(0)))
            .ok();
        if found.is_none() {
            let what = format!("{path} for {trade:?} without a refund that stands as sent");
            self.accuse("I21", what);
        }
        found
    }
}
