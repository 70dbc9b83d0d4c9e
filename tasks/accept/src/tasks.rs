//! The acceptances, a file each.

mod t01_origin;
mod t02_brand;
mod t03_mail;
mod t04_jko_pay;
mod t05_refund_reason;
mod t06_open_orders;
mod t07_rotate_keys;
mod t08_logistics;
mod t09_second_gateway;
mod t10_report;
mod t11_policy;
mod t12_proxy;

use crate::{Stage, judge::Judge};
use anyhow::{Result, bail};

/// Runs the acceptance of a task.
///
/// # Errors
/// Where it cannot be judged: the program does not run at all, or something on the way broke that no check is about.
pub(crate) async fn run(number: u8, stage: &Stage, judge: &mut Judge) -> Result<()> {
    match number {
        1 => t01_origin::run(stage, judge).await,
        2 => t02_brand::run(stage, judge).await,
        3 => t03_mail::run(stage, judge).await,
        4 => t04_jko_pay::run(stage, judge).await,
        5 => t05_refund_reason::run(stage, judge).await,
        6 => t06_open_orders::run(stage, judge).await,
        7 => t07_rotate_keys::run(stage, judge).await,
        8 => t08_logistics::run(stage, judge).await,
        9 => t09_second_gateway::run(stage, judge).await,
        10 => t10_report::run(stage, judge).await,
        11 => t11_policy::run(stage, judge).await,
        12 => t12_proxy::run(stage, judge).await,
        _ => bail!("task {number} has no acceptance"),
    }
}
