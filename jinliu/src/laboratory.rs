//! The attack laboratory as a room of the demo's shop: plays cases on throw-away shops and shows what came of it.

mod test_build;

use crate::lab::Lab;
use async_trait::async_trait;
use attacks::Verdict;
use lab::{Bench, MOUNT, Shown};
use pages::{RenderError, Shell};
use shop::room::{Call, Form, Room, RoomAnswer};
use std::{path::PathBuf, time::Duration};
use test_build::TestBuild;
use tokio::sync::Semaphore;

/// One shop at a time; so many may wait for their turn, and for so long: the edge answers for us after thirty seconds.
const WAITING: usize = 8;
const PATIENCE: Duration = Duration::from_secs(8);
/// A page that waits for the test build looks again after so many seconds.
const LOOK_AGAIN: u32 = 4;

/// The laboratory.
pub struct LabRoom {
    lab: Lab,
    test_build: TestBuild,
    turn: Semaphore,
    queue: Semaphore,
}

impl LabRoom {
    /// A laboratory that starts `program` for cases which are about starting it.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            lab: Lab::new(program),
            test_build: TestBuild::here(),
            turn: Semaphore::new(1),
            queue: Semaphore::new(WAITING),
        }
    }

    /// Does something that takes the machine, when its turn comes. `None`: too many wait already.
    async fn in_turn<T>(&self, what: impl Future<Output = T>) -> Option<T> {
        let _waiting = self.queue.try_acquire().ok()?;
        let turn = tokio::time::timeout(PATIENCE, self.turn.acquire()).await;
        let _turn = turn.ok()?.ok()?;
        Some(what.await)
    }

    async fn case(
        &self,
        id: &str,
        form: Option<&Form>,
        shell: &Shell,
    ) -> Result<Option<RoomAnswer>, RenderError> {
        let Ok(known) = attacks::find(id) else {
            return Ok(None);
        };
        let wanted = form.map_or("", |form| form.get("do"));
        let played: Option<Option<(Verdict, Option<&str>)>> = match wanted {
            "play" if known.applies() => {
                let verdict = self.in_turn(self.lab.play(&known)).await;
                Some(verdict.map(|verdict| (verdict, None)))
            }
            "without" => {
                let off = form.map_or("", |form| form.get("off"));
                let off = lab::record().off.iter().find(|part| part.name == off);
                match off {
                    Some(off) if lab::record().row(id).is_some() => {
                        let verdict = self.in_turn(self.test_build.play(id, &off.name)).await;
                        match verdict {
                            Some(Some(verdict)) => Some(Some((verdict, Some(off.name.as_str())))),
                            Some(None) => None,
                            None => Some(None),
                        }
                    }
                    _ => None,
                }
            }
            "build" => {
                self.test_build.begin();
                return Ok(Some(RoomAnswer::See(format!("{MOUNT}/{id}#lines"))));
            }
            _ => None,
        };
        let bench = self.test_build.bench();
        let shown = match &played {
            Some(None) => {
                let back = format!("{MOUNT}/{id}");
                return Ok(Some(RoomAnswer::Page(lab::busy(shell, &back)?)));
            }
            Some(Some((verdict, off))) => Some(Shown { verdict, off: *off }),
            None => None,
        };
        let page = lab::case(shell, id, &bench, shown)?;
        Ok(page.map(|html| match bench {
            Bench::Building { .. } if form.is_none() => RoomAnswer::Waiting {
                html,
                seconds: LOOK_AGAIN,
            },
            Bench::Building { .. }
            | Bench::Ready
            | Bench::Offered
            | Bench::Failed(_)
            | Bench::Absent => RoomAnswer::Page(html),
        }))
    }
}

#[async_trait]
impl Room for LabRoom {
    fn mount(&self) -> &'static str {
        MOUNT
    }

    /// A message for the doctor, percent-encoded at worst, and the rest of its form.
    fn form_bytes_max(&self) -> Option<usize> {
        Some(3 * lab::MESSAGE_MAX + 4096)
    }

    async fn answer(&self, call: Call<'_>) -> Result<Option<RoomAnswer>, RenderError> {
        let (shell, form) = (call.shell, call.form);
        let page = match call.path {
            "" => Some(lab::index(shell, call.asked("class").as_deref())?),
            "matrix" => Some(lab::matrix(shell)?),
            "doctor" => {
                let field = form.map(|form| move |name: &str| form.get(name).to_owned());
                let field = field.as_ref().map(|field| field as &dyn Fn(&str) -> String);
                Some(lab::doctor(shell, field)?)
            }
            "nonce" => Some(lab::nonce(shell, form.map(|form| form.get("own")))?),
            "fix" => Some(lab::fixes(shell)?),
            path => match (path.strip_prefix("fix/"), lab::css(path)) {
                (Some(id), _) => lab::fix(shell, id, form.map(|form| form.get("choose")))?,
                (None, Some(text)) => {
                    return Ok(Some(RoomAnswer::File {
                        content_type: "text/css; charset=utf-8",
                        content: text.to_owned().into(),
                        immutable: true,
                    }));
                }
                (None, None) => return self.case(path, form, shell).await,
            },
        };
        Ok(page.map(RoomAnswer::Page))
    }
}
