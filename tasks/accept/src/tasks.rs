//! The acceptances, a file each.

mod t01_origin;

use crate::{Stage, judge::Judge};
use anyhow::{Result, bail};

/// Runs the acceptance of a task.
///
/// # Errors
/// Where it cannot be judged: the program does not run at all, or something on the way broke that no check is about.
pub(crate) async fn run(number: u8, stage: &Stage, judge: &mut Judge) -> Result<()> {
    match number {
        1 => t01_origin::run(stage, judge).await,
        _ => bail!("task {number} has no acceptance"),
    }
}
