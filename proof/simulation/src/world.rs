//! One seed's world: the tasks of the shop, the time, and who does what next. Tasks are the shop's own futures, polled by
//! hand; a crash drops them wherever they are.

use crate::{
    faults::Fault,
    grid::SimulatedSheet,
    office::{Office, PRICES},
    post::{Acked, Mail},
    profile::Profile,
    rng::{Rng, mix},
    shared::Plan,
    time::{Job, Round},
    watch::Watch,
};
use google::tables::Tables;
use ledger::Ledger as _;
use orders::{AttemptNo, OrderNo};
use shop::jobs::sheet;
use std::{
    collections::BTreeMap,
    future::Future,
    path::PathBuf,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};
use tokio::sync::Mutex;

/// An order, as its buyer knows it.
#[derive(Clone, Debug)]
pub struct Bought {
    /// Its number.
    pub no: OrderNo,
    /// The attempts that the buyer was handed over with.
    pub attempts: Vec<AttemptNo>,
    /// What it costs.
    pub amount: u32,
}

/// What came of a task.
pub enum Done {
    /// A message was answered with this status.
    Notice(Box<Mail>, u16),
    /// An order was placed.
    Placed(Option<Bought>),
    /// Another attempt was made.
    Again(OrderNo, Option<AttemptNo>),
    /// A job's round ended: how much it moved, or that it failed.
    Job(Job, usize, Option<usize>),
    /// Somebody acted who must not, and was (not) let.
    Denied(bool),
    /// Nothing that anybody waits for.
    Nothing,
}

struct Task {
    id: u64,
    /// The message that it answers, which its sender sends again where no answer comes.
    mail: Option<Mail>,
    /// Until then it does not run, as a process that was stopped.
    frozen_until: i64,
    future: Pin<Box<dyn Future<Output = Done>>>,
}

/// What the sheet's job remembers while its process lives.
pub type SheetDesk = Arc<Mutex<(Tables<SimulatedSheet>, sheet::Desk)>>;

/// The world of one seed.
pub struct World<'office> {
    /// The shop.
    pub office: &'office Office,
    /// What this world is like.
    pub profile: Profile,
    /// Its seed.
    pub seed: u64,
    /// The sheet.
    pub sheet: SimulatedSheet,
    /// The watcher.
    pub watch: Watch,
    /// Orders by place.
    pub orders: Vec<Bought>,
    /// Messages on their way to the shop.
    pub mail: Vec<Mail>,
    /// Messages that the shop has said `OK` to.
    pub acked: Vec<Acked>,
    /// How far the shop's clock is off.
    pub skew: i64,
    /// Whether the shop runs.
    pub up: bool,
    /// When a dead shop starts again.
    pub back_at: i64,
    /// Prices by product.
    pub prices: [u32; 3],
    /// Faults have ended.
    pub healed: bool,
    /// Where each attempt stands.
    pub attempts: BTreeMap<AttemptNo, orders::AttemptState>,
    file: PathBuf,
    pub(crate) desk: SheetDesk,
    tasks: Vec<Task>,
    pub(crate) rounds: BTreeMap<(Job, usize), Round>,
    next_task: u64,
}

impl<'office> World<'office> {
    /// Begins a world.
    ///
    /// # Errors
    /// Files.
    pub fn begin(office: &'office Office, seed: u64) -> anyhow::Result<Self> {
        let mut rng = Rng::new(mix(seed, 0x5eed));
        let profile = Profile::draw(&mut rng);
        let file = office.begin(rng, &profile)?;
        office.shared.town().plan = Plan::Dice;
        let sheet = SimulatedSheet::new(office.shared.clone());
        let desk = Arc::new(Mutex::new(office.desk(&sheet)));
        let mut world = Self {
            office,
            profile,
            seed,
            sheet,
            watch: Watch::new(profile.leaked),
            orders: Vec::new(),
            mail: Vec::new(),
            acked: Vec::new(),
            skew: 0,
            up: true,
            back_at: 0,
            prices: PRICES,
            healed: false,
            attempts: BTreeMap::new(),
            file,
            desk,
            tasks: Vec::new(),
            rounds: BTreeMap::new(),
            next_task: 0,
        };
        world.set_clock();
        world.watch.look(&office.shared)?;
        Ok(world)
    }

    /// Begins a world in which nothing goes wrong by itself.
    ///
    /// # Errors
    /// Files.
    pub fn quiet(office: &'office Office, seed: u64) -> anyhow::Result<Self> {
        let mut world = Self::begin(office, seed)?;
        world.profile = Profile::quiet();
        world.watch.leaked = false;
        {
            let mut town = office.shared.town();
            town.rates = world.profile.rates;
            town.plan = Plan::Calm;
        }
        world.set_clock();
        Ok(world)
    }

    /// Keeps a job from running.
    pub fn stop_job(&mut self, job: Job) {
        self.round(job, 0).not_before = i64::MAX;
    }

    /// Lets every job run again.
    pub fn free_jobs(&mut self) {
        for round in self.rounds.values_mut() {
            round.not_before = 0;
        }
    }

    /// True time.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.office.shared.town().now
    }

    /// The time by the shop's clock.
    #[must_use]
    pub fn shop_now(&self) -> jiff::Timestamp {
        crate::office::at(self.now() + self.skew)
    }

    /// A number of the present step's dice.
    pub fn rng(&self) -> Rng {
        let mut town = self.office.shared.town();
        let seed = town.rng.number();
        Rng::new(seed)
    }

    /// A fault has fired.
    pub fn fire(&self, fault: Fault) {
        self.office.shared.town().fire(fault);
    }

    /// Where the ledger is.
    #[must_use]
    pub fn file(&self) -> &std::path::Path {
        &self.file
    }

    /// Sets the shop's clocks by the true time.
    pub fn set_clock(&self) {
        let apart = self.profile.second.unwrap_or(0);
        self.office.set_clock(self.now(), self.skew, apart);
    }

    /// Starts a task of the shop.
    pub fn spawn(&mut self, future: impl Future<Output = Done> + 'static) {
        self.office.shared.town().progress += 1;
        self.next_task += 1;
        self.tasks.push(Task {
            id: self.next_task,
            mail: None,
            frozen_until: 0,
            future: Box::pin(future),
        });
    }

    /// Starts the task that answers a message.
    pub fn answer(&mut self, mail: Mail, future: impl Future<Output = Done> + 'static) {
        self.spawn(future);
        if let Some(task) = self.tasks.last_mut() {
            task.mail = Some(mail);
        }
    }

    /// Stops a task for so long, as a process that is not scheduled.
    pub fn freeze_one(&mut self, rng: &mut Rng, for_ms: i64) {
        let until = self.now() + for_ms;
        if let Some(at) = rng.place(self.tasks.len()) {
            self.tasks[at].frozen_until = until;
            self.office.shared.town().wakes.insert(until);
            self.fire(Fault::F35Zombie);
        }
    }

    /// Lets tasks run until none of them can go on at this moment.
    ///
    /// # Errors
    /// The ledger cannot be looked at.
    pub fn pump(&mut self) -> anyhow::Result<()> {
        loop {
            let before = self.office.shared.town().progress;
            let mut order: Vec<u64> = self.tasks.iter().map(|task| task.id).collect();
            let mut rng = self.rng();
            while let Some(at) = rng.place(order.len()) {
                let id = order.swap_remove(at);
                self.poll(id)?;
                if self.office.shared.town().dead {
                    self.crash()?;
                    break;
                }
            }
            if self.office.shared.town().progress == before {
                return Ok(());
            }
        }
    }

    fn poll(&mut self, id: u64) -> anyhow::Result<()> {
        let now = self.now();
        let Some(at) = self.tasks.iter().position(|task| task.id == id) else {
            return Ok(());
        };
        if self.tasks[at].frozen_until > now {
            return Ok(());
        }
        let polled = self.tasks[at]
            .future
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        self.watch.look(&self.office.shared)?;
        self.attempts_moved()?;
        if polled.is_pending() && self.is_dropped(at) {
            return Ok(());
        }
        if let Poll::Ready(done) = polled {
            drop(self.tasks.remove(at));
            self.office.shared.town().progress += 1;
            self.ended(done)?;
        }
        Ok(())
    }

    /// A sender goes away while its message is being answered: the handler is dropped where it waits.
    fn is_dropped(&mut self, at: usize) -> bool {
        let drops = {
            let mut town = self.office.shared.town();
            town.plan == Plan::Dice && town.rates.store > 0 && town.rng.chance(10)
        };
        let mail = self.tasks[at].mail.clone();
        let Some(mail) = mail.filter(|_| drops) else {
            return false;
        };
        drop(self.tasks.remove(at));
        self.send_later(mail);
        self.fire(Fault::F59Cancelled);
        true
    }

    fn ended(&mut self, done: Done) -> anyhow::Result<()> {
        match done {
            Done::Notice(mail, status) => self.answered(*mail, status)?,
            Done::Placed(Some(bought)) => {
                self.watch
                    .amounts
                    .insert(bought.no.to_string(), bought.amount);
                // The form takes the buyer to the gateway at once.
                if let Some(attempt) = bought.attempts.last() {
                    self.open_page(attempt, &bought)?;
                }
                if !self.orders.iter().any(|known| known.no == bought.no) {
                    self.orders.push(bought);
                }
            }
            Done::Again(no, Some(attempt)) => {
                let order = self.orders.iter_mut().find(|known| known.no == no);
                if let Some(order) = order {
                    if !order.attempts.contains(&attempt) {
                        order.attempts.push(attempt.clone());
                    }
                    let order = order.clone();
                    self.open_page(&attempt, &order)?;
                }
            }
            Done::Job(job, instance, moved) => {
                let now = self.now();
                let round = self.round(job, instance);
                round.running = false;
                round.idle = if moved.is_some_and(|moved| moved > 0) {
                    0
                } else {
                    (round.idle + 1).min(6)
                };
                round.not_before = now + (1000_i64 << round.idle);
            }
            Done::Denied(let_through) => {
                if let_through {
                    let mut town = self.office.shared.town();
                    town.accuse(
                        "I23",
                        "somebody without role or fresh sign-in acted".to_owned(),
                    );
                }
            }
            Done::Placed(None) | Done::Again(_, None) | Done::Nothing => {}
        }
        Ok(())
    }

    /// The process dies: its tasks and what they remember are gone.
    ///
    /// # Errors
    /// None yet.
    pub fn crash(&mut self) -> anyhow::Result<()> {
        for task in std::mem::take(&mut self.tasks) {
            if let Some(mail) = task.mail {
                self.send_later(mail);
            }
        }
        self.rounds.clear();
        self.office.ledger.close();
        self.up = false;
        let mut rng = self.rng();
        self.back_at = self.now() + rng.between(0, 60_000);
        let mut town = self.office.shared.town();
        town.dead = false;
        town.progress += 1;
        town.note(13);
        Ok(())
    }

    /// The process starts again over the same file.
    ///
    /// # Errors
    /// The ledger cannot be opened.
    pub fn restart(&mut self) -> anyhow::Result<()> {
        self.office.restart()?;
        self.office.ledger.open(&self.file)?;
        self.up = true;
        self.desk = Arc::new(Mutex::new(self.office.desk(&self.sheet)));
        self.set_clock();
        let (ledger, now) = (Arc::clone(&self.office.ledger), self.shop_now());
        // As the reconciler's loop begins; a failure there is only logged.
        self.spawn(async move {
            drop(ledger.ask_all(now).await);
            Done::Nothing
        });
        Ok(())
    }
}
