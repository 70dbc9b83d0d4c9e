//! The end of a seed: faults stop, the clock runs on, and then progress is demanded (§5.4) and the books are compared.

use crate::{
    bank::{Standing, Trade, Way},
    faults::Fault,
    office::{BEGIN_MS, at_once},
    profile::Rates,
    rng::Rng,
    shared::Plan,
    world::World,
};
use google::sheets::Cell;
use ledger::Ledger;

const MINUTE: i64 = 60_000;
/// A card that is paid is known after so long, with every notice lost.
const CARD_KNOWN: i64 = 15 * MINUTE;
/// What nobody had reason to ask about any more is known after so long.
const DAILY_KNOWN: i64 = 27 * 60 * MINUTE;
/// A number that is paid is known after so long.
const NUMBER_KNOWN: i64 = 6 * 60 * MINUTE;

/// How soon paid orders were known, in a world without notices.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// Trades that were paid without any notice.
    pub paid: u64,
    /// Of these, known in time.
    pub in_time: u64,
}

impl World<'_> {
    /// Faults stop; what was on its way arrives or is lost for good; then the clock runs for as long as an order lives.
    ///
    /// # Errors
    /// The ledger.
    pub fn heal(&mut self) -> anyhow::Result<i64> {
        self.healed = true;
        {
            let mut town = self.office.shared.town();
            town.plan = Plan::Calm;
            town.rates = Rates::default();
            town.bank_down_until = 0;
            town.sheet_down_until = 0;
        }
        self.profile.rates = Rates::default();
        self.profile.liar = false;
        self.profile.jumps = false;
        self.skew = 0;
        let mut rng = Rng::new(crate::rng::mix(self.seed, 0xe4d));
        if rng.chance(500) {
            // Half of the worlds lose whatever the gateway still had to say, but what only it can say.
            self.mail
                .retain(|mail| crate::seal::get(&mail.says, "NewMerTradeNo").is_some());
        }
        if self.up {
            self.crash()?;
        }
        self.back_at = self.now();
        let healed = self.now();
        self.advance(healed + CARD_KNOWN + 5 * MINUTE)?;
        self.advance(healed + NUMBER_KNOWN)?;
        self.advance(healed + 4 * 86_400_000)?;
        Ok(healed)
    }

    /// Demands what must hold once all is quiet.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn demand(&mut self, healed: i64) -> anyhow::Result<Known> {
        let trades: Vec<Trade> = {
            let town = self.office.shared.town();
            town.bank.trades.values().cloned().collect()
        };
        let mut known = Known::default();
        for trade in &trades {
            self.money_is_known(trade, healed, &mut known)?;
        }
        self.orders_have_ended(healed)?;
        self.doubts_are_gone();
        self.no_storm(healed);
        self.sheet_shows_the_ledger()?;
        self.books_agree(&trades)?;
        for acked in self.acked.clone() {
            self.is_kept(&acked, "I12")?;
        }
        self.deliveries_are_single();
        Ok(known)
    }

    fn money_is_known(
        &mut self,
        trade: &Trade,
        healed: i64,
        known: &mut Known,
    ) -> anyhow::Result<()> {
        let Some(paid) = trade.paid else {
            return Ok(());
        };
        let ours = self.is_ours(&trade.attempt)?;
        if !ours || trade.standing == Standing::Voided && !self.watch.known.contains_key(&trade.no)
        {
            // Voided before anybody asked: no money was ever there to be known.
            return Ok(());
        }
        let number = matches!(trade.way, Way::Atm | Way::Cvs);
        // After a jump forward and back the daily look may come two days late.
        let jumped = self.office.shared.town().fired[Fault::F38ClockJump as usize] > 0;
        let denied = self.office.shared.town().fired[Fault::F10Contradiction as usize] > 0;
        let bound = match (trade.stale, number) {
            _ if jumped => DAILY_KNOWN + 2 * 86_400_000,
            // Whoever says "unpaid, and that is all I know" at the decisive moment is found out by the daily look.
            _ if denied => DAILY_KNOWN,
            // Who pays with a form of yesterday is found by the daily look at the latest.
            (true, _) => DAILY_KNOWN,
            (false, true) => NUMBER_KNOWN,
            (false, false) => CARD_KNOWN,
        };
        let seen = self.watch.known.get(&trade.no).copied();
        let strict = self.profile.no_notices && self.is_undisturbed() && trade.moved.is_none();
        let from = if strict { paid } else { paid.max(healed) };
        let late = seen.is_none_or(|seen| seen > from + bound);
        if strict {
            known.paid += 1;
            known.in_time += u64::from(!late);
        }
        if late {
            let what = format!("{trade:?} known at {seen:?}, faults ended at {healed}");
            self.office.shared.town().accuse("V1", what);
        }
        Ok(())
    }

    /// Whether nothing but lost notices disturbed this world.
    fn is_undisturbed(&self) -> bool {
        let town = self.office.shared.town();
        use Fault as F;
        let calm = [
            F::F11QueryDown,
            F::F12BadAnswer,
            F::F10Contradiction,
            F::F66Incomplete,
            F::F21StoreFails,
            F::F27AmbiguousCommit,
            F::F35Zombie,
            F::F38ClockJump,
            F::F34ClocksApart,
            F::F65BankSilent,
            F::Crash,
        ];
        calm.iter().all(|fault| town.fired[*fault as usize] == 0)
    }

    fn is_ours(&self, attempt: &str) -> anyhow::Result<bool> {
        let town = self.office.shared.town();
        let Some(eye) = &town.eye else {
            return Ok(false);
        };
        Ok(eye
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM attempts WHERE attempt_no = ?1)")?
            .query_row([attempt], |row| row.get(0))?)
    }

    fn orders_have_ended(&mut self, healed: i64) -> anyhow::Result<()> {
        let _ = healed;
        let mut town = self.office.shared.town();
        let Some(eye) = town.eye.take() else {
            return Ok(());
        };
        let open: Vec<(String, String)> = eye
            .prepare("SELECT order_no, status FROM orders WHERE status IN ('pending', 'awaiting_transfer', 'paid')
                 AND NOT (status = 'paid' AND EXISTS (SELECT 1 FROM facts WHERE facts.order_no = orders.order_no
                     AND meaning LIKE 'decided/parked/L5.contradiction/%'))
                 AND NOT (status = 'paid' AND amount <= (SELECT SUM(amount) FROM refunds WHERE refunds.order_no = orders.order_no
                     AND state IN ('reserved', 'sent', 'in_doubt', 'done')))")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        // A person who sets a contradiction aside has decided: what then stays paid and unconfirmed waits for the gateway. And
        // whose money all goes back, by somebody's transfer or in a doubt that only a person can end, gets no goods meanwhile.
        for (no, status) in open {
            let rule = if status == "paid" { "V2" } else { "V4" };
            town.accuse(rule, format!("{no} is still {status}"));
        }
        town.eye = Some(eye);
        Ok(())
    }

    fn doubts_are_gone(&mut self) {
        let mut town = self.office.shared.town();
        for (no, since) in &self.watch.doubts {
            // Of a wallet that does not tell, only a person can say; the shop calls one.
            let tells = town
                .bank
                .trades
                .values()
                .all(|trade| trade.way != Way::Line);
            if tells {
                town.accuse("V5", format!("refund {no} is in doubt since {since}"));
            }
        }
    }

    /// No attempt is asked about more than twelve times an hour after its first ten minutes.
    fn no_storm(&mut self, healed: i64) {
        let mut town = self.office.shared.town();
        let asked = std::mem::take(&mut town.asked);
        for (attempt, times) in asked {
            let quiet: Vec<i64> = times
                .iter()
                .copied()
                .filter(|at| *at > healed + 10 * MINUTE)
                .collect();
            for (place, from) in quiet.iter().enumerate() {
                let within = quiet[place..]
                    .iter()
                    .take_while(|at| **at < from + 60 * MINUTE)
                    .count();
                if within > 12 {
                    town.accuse(
                        "V7",
                        format!("{attempt} was asked about {within} times in an hour"),
                    );
                    break;
                }
            }
        }
    }

    fn deliveries_are_single(&mut self) {
        let mut town = self.office.shared.town();
        let several: Vec<String> = town
            .handed
            .iter()
            .filter(|(key, _)| !key.starts_with("fulfil:"))
            .map(|(key, _)| key.clone())
            .collect();
        for key in several {
            town.accuse("I07", format!("{key} is no delivery's key"));
        }
    }

    fn sheet_shows_the_ledger(&mut self) -> anyhow::Result<()> {
        let Some(ledger) = self.office.ledger.behind() else {
            return Ok(());
        };
        let listed = at_once(ledger.list(ledger::ListOrders::default()))??;
        let leaves = self.sheet.leaves().clone();
        let mut wrong = Vec::new();
        if let Some(leaf) = leaves.iter().find(|leaf| leaf.tab.title == "訂單") {
            let header: Vec<String> = leaf.cells[0].iter().map(Cell::to_text).collect();
            let column = |title: &str| header.iter().position(|known| known == title);
            let (Some(no), Some(status), Some(amount)) =
                (column("訂單編號"), column("狀態"), column("金額"))
            else {
                return Ok(());
            };
            for summary in &listed {
                let key = summary.book.order().no.to_string();
                let row = leaf.cells.iter().find(|row| row[no].to_text() == key);
                let shown = row.map(|row| (row[status].to_text(), row[amount].to_text()));
                let truth = (
                    label(summary.status).to_owned(),
                    summary.book.order().amount.to_string(),
                );
                if shown.as_ref() != Some(&truth) {
                    wrong.push(format!("{key}: {truth:?}, the sheet shows {shown:?}"));
                }
            }
        } else if !listed.is_empty() && !self.profile.hands {
            wrong.push("there is no tab for orders".to_owned());
        }
        // What people did after the last write is theirs until the row is written again.
        if !self.profile.hands {
            let mut town = self.office.shared.town();
            for what in wrong {
                town.accuse("I34", what);
            }
        }
        Ok(())
    }

    /// To the dollar: what the gateway took is paid or parked here, and what it gave back is known here.
    fn books_agree(&mut self, trades: &[Trade]) -> anyhow::Result<()> {
        let mut town = self.office.shared.town();
        let Some(eye) = town.eye.take() else {
            return Ok(());
        };
        for trade in trades.iter().filter(|trade| trade.paid.is_some()) {
            let (paid, parked, confirmed, given): (u32, u32, bool, u32) = eye
                .prepare_cached(
                    "SELECT COALESCE((SELECT amount FROM payments WHERE trade_no = ?1), 0),
                     COALESCE((SELECT MAX(amount) FROM exceptions WHERE trade_no = ?1), 0),
                     EXISTS (SELECT 1 FROM facts WHERE trade_no = ?1 AND kind = 'paid' AND source = 'query'),
                     COALESCE((SELECT MAX(amount) FROM facts WHERE trade_no = ?1 AND kind = 'refunded' AND source = 'query'), 0)",
                )?
                .query_row([&trade.no], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
            if trade.standing == Standing::Voided && paid == 0 {
                continue;
            }
            let there = paid == trade.amount || parked > 0;
            if !there {
                let what = format!("{trade:?}: {paid} are paid here, {parked} are parked");
                town.accuse("I12", what);
            }
            // Of what was confirmed and can be told, what went back is known, reversals apart.
            let tells = matches!(trade.way, Way::Card | Way::Jko);
            let reversed = trade.backs.iter().any(|back| back.cancelled);
            if confirmed && tells && !reversed && trade.given_back() != given {
                let what = format!(
                    "{trade:?}: {} went back, {given} are known",
                    trade.given_back()
                );
                town.accuse("I24", what);
            }
        }
        town.eye = Some(eye);
        let _ = BEGIN_MS;
        Ok(())
    }
}

/// What people read for a status.
fn label(status: orders::Status) -> &'static str {
    use orders::Status as S;
    match status {
        S::Pending => "待付款",
        S::AwaitingTransfer => "待繳費",
        S::Paid => "已付款",
        S::Fulfilled => "已完成",
        S::Review => "人工確認中",
        S::PartiallyRefunded => "部分退款",
        S::Refunded => "已退款",
        S::Expired => "已逾期",
        S::Cancelled => "已取消",
    }
}
