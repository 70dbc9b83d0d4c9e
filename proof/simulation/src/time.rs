//! Time, and the loops of the shop that run by it: the clock leaps from one thing that is due to the next.

use crate::{
    faults::Fault,
    office::BEGIN_MS,
    world::{Done, World},
};
use shop::{
    flow::step_7_reconcile as reconcile,
    jobs::{deliver, refund, sheet},
};
use std::sync::Arc;

/// A loop of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// Asks what is due.
    Ask,
    /// Delivers what is due.
    Deliver,
    /// Goes on with refunds.
    Refund,
    /// Writes the sheet.
    Sheet,
    /// Looks over three months, once a day.
    Sweep,
}

/// How often it is seen whether the daily look is due. The shop does so every ten minutes.
const LOOK_MS: i64 = 2 * 3_600_000;

/// How a job's rounds go.
pub(crate) struct Round {
    pub(crate) running: bool,
    pub(crate) not_before: i64,
    pub(crate) idle: u32,
}

impl World<'_> {
    pub(crate) fn round(&mut self, job: Job, instance: usize) -> &mut Round {
        self.rounds.entry((job, instance)).or_insert(Round {
            running: false,
            not_before: 0,
            idle: 0,
        })
    }

    /// Starts a round of a job, unless one runs.
    pub fn start_job(&mut self, job: Job, instance: usize) {
        let now = self.now();
        let round = self.round(job, instance);
        if round.running || now < round.not_before {
            return;
        }
        round.running = true;
        let app = self.office.app(instance);
        let desk = Arc::clone(&self.desk);
        self.office.shared.town().events += 1;
        self.spawn(async move {
            let moved = match job {
                Job::Ask => reconcile::ask_due(&app, 100)
                    .await
                    .ok()
                    .map(|asked| asked.len()),
                Job::Deliver => deliver::deliver_due(&app).await.ok(),
                Job::Refund => refund::refund_due(&app).await.ok(),
                Job::Sweep => {
                    let swept = reconcile::sweep_if_due(&app).await;
                    swept.ok().map(|due| usize::from(due.is_some()))
                }
                Job::Sheet => {
                    let mut desk = desk.lock().await;
                    let (tables, remembers) = &mut *desk;
                    sheet::work(&app, remembers, tables).await.ok().map(|()| 1)
                }
            };
            Done::Job(job, instance, moved)
        });
    }

    /// Lets time pass, with whatever falls due on the way.
    ///
    /// # Errors
    /// The ledger.
    pub fn advance(&mut self, to: i64) -> anyhow::Result<()> {
        loop {
            self.pump()?;
            let now = self.now();
            let due = self.next_due()?.max(now);
            let next = due.min(to).max(now);
            self.office.shared.town().now = next;
            self.wake_up(next);
            self.set_clock();
            if !self.up && next >= self.back_at {
                self.restart()?;
            }
            self.bank_ticks(next);
            self.deliver_due_mail(next);
            self.start_due_jobs()?;
            self.pump()?;
            if next >= to {
                return Ok(());
            }
        }
    }

    fn wake_up(&self, now: i64) {
        let mut town = self.office.shared.town();
        town.wakes = town.wakes.split_off(&(now + 1));
    }

    /// When something falls due next.
    fn next_due(&mut self) -> anyhow::Result<i64> {
        let mut next = i64::MAX;
        {
            let town = self.office.shared.town();
            if let Some(first) = town.wakes.first() {
                next = next.min(*first);
            }
        }
        if let Some(mail) = self.mail.iter().map(|mail| mail.due).min() {
            next = next.min(mail);
        }
        if !self.up {
            return Ok(next.min(self.back_at));
        }
        for (job, due) in self.dues()? {
            let round = self.round(job, 0);
            if !round.running {
                let not_before = round.not_before;
                next = next.min(due.max(not_before));
            }
        }
        Ok(next)
    }

    /// When each job has work, in true time.
    fn dues(&self) -> anyhow::Result<Vec<(Job, i64)>> {
        let town = self.office.shared.town();
        let Some(eye) = &town.eye else {
            return Ok(Vec::new());
        };
        type Dues = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);
        let (asks, deliveries, refunds, rows): Dues = eye
            .prepare_cached(
                "WITH waits AS (SELECT topic, CASE WHEN lease IS NULL THEN due_at_ms ELSE MAX(due_at_ms, leased_until_ms) END AS due
                     FROM outbox WHERE state = 'pending')
                 SELECT (SELECT MIN(next_ask_ms) FROM attempts WHERE next_ask_ms IS NOT NULL),
                     (SELECT MIN(due) FROM waits WHERE topic = 'deliver'),
                     (SELECT MIN(due_at_ms) FROM refunds WHERE due_at_ms IS NOT NULL AND state IN ('reserved', 'sent', 'in_doubt')),
                     (SELECT MIN(due) FROM waits WHERE topic <> 'deliver')",
            )?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let all = [
            (Job::Ask, asks),
            (Job::Deliver, deliveries),
            (Job::Refund, refunds),
            (Job::Sheet, rows.map(|due| due + 5_000)),
            (
                Job::Sweep,
                Some(BEGIN_MS + (town.now + self.skew - BEGIN_MS) / LOOK_MS * LOOK_MS + LOOK_MS),
            ),
        ];
        let skew = self.skew;
        Ok(all
            .into_iter()
            .filter_map(|(job, due)| Some((job, due? - skew)))
            .collect())
    }

    fn start_due_jobs(&mut self) -> anyhow::Result<()> {
        if !self.up {
            return Ok(());
        }
        let now = self.now();
        let second = self.profile.second.is_some();
        for (job, due) in self.dues()? {
            let daily = job == Job::Sweep && (now + self.skew - BEGIN_MS) % LOOK_MS < 1000;
            if due > now && !daily {
                continue;
            }
            self.start_job(job, 0);
            if second && job != Job::Sheet {
                self.start_job(job, 1);
                self.fire(Fault::F33TwoInstances);
                self.fire(Fault::F34ClocksApart);
                if job == Job::Ask {
                    self.fire(Fault::F63ReconcileTwice);
                }
            }
        }
        Ok(())
    }
}
