//! Engine K: the program dies at each named point, and at random, under load, and what is left is judged.

use crate::{
    judge::{Acked, Heard, judge, settles},
    migration,
    program::{Built, Program},
    refunds,
    report::Proof,
    shopper::{Crowd, Shopper},
    street::Street,
    wire,
};
use anyhow::Result;
use rand::RngExt;
use serde_json::{Value, json};
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::task::JoinSet;

/// The points of trust.md 4.2 that are reached while a shop is open, and `random` for a kill at any time. K20 has a
/// ledger of its own.
pub(crate) const POINTS: [&str; 23] = [
    "K01", "K02", "K03", "K04", "K05", "K06", "K07", "K08", "K09", "K10", "K11", "K12", "K13",
    "K14", "K15", "K16", "K17", "K18", "K19", "K21", "K22", "K23", "random",
];
/// So often each point is come to in one epoch, which has a ledger of its own.
const EACH: u32 = 5;
/// How long a point may take to be come to.
const PATIENCE: Duration = Duration::from_secs(4);
/// The shop lives so many minutes in a second while it comes to rest: leases and doubts end by its clock.
const RESTING_RATE: u32 = 120;

/// Kills until each point was hit `each` times and there were `cycles` kills.
pub(crate) async fn run(built: &Built, cycles: u64, each: u64, only: &[String]) -> Result<Proof> {
    let mut proof = Proof::begin("kills");
    for point in POINTS.into_iter().chain(["K20"]) {
        proof.set(point, 0);
    }
    for name in ["lost", "not_reached", "cycles"] {
        proof.set(name, 0);
    }
    let points: Vec<&'static str> = POINTS
        .into_iter()
        .filter(|point| only.is_empty() || only.iter().any(|name| name == point))
        .collect();
    if only.is_empty() || only.iter().any(|name| name == "K20") {
        migration::run(built, each, &mut proof).await?;
    }
    let mut epoch = 0_u32;
    loop {
        let mut left: Vec<&str> = points
            .iter()
            .copied()
            .filter(|point| proof.counted(point) < each)
            .collect();
        if left.is_empty() && proof.counted("cycles") < cycles {
            left.clone_from(&points);
        }
        if left.is_empty() || !proof.holds() {
            break;
        }
        if proof.counted("not_reached") > cycles / 4 + 20 {
            proof.fail(format!("points are not reached any more: {left:?}"));
            break;
        }
        epoch += 1;
        let missing = cycles.saturating_sub(proof.counted("cycles"));
        one_epoch(built, &left, missing, &mut proof).await?;
    }
    proof.set("epochs", u64::from(epoch));
    Ok(proof.end())
}

async fn one_epoch(
    built: &Built,
    points: &[&'static str],
    missing: u64,
    proof: &mut Proof,
) -> Result<()> {
    let street = Arc::new(Street::open().await?);
    // Failed notices come again after a second, and every notice comes twice.
    street
        .switches(&json!({"notify_interval_s": 1, "notify_timeout_s": 5}))
        .await?;
    street
        .control("/_sandbox/faults", &json!({"kind": "duplicate_notice"}))
        .await?;
    let (crowd, heard) = (Arc::new(Crowd::default()), Arc::new(Heard::default()));
    let mut people = JoinSet::new();
    for account in ["buyer1", "buyer2"] {
        people.spawn(Shopper::new(&street, account)?.buys(Arc::clone(&crowd)));
    }
    people.spawn(echo(
        Arc::clone(&street),
        Arc::clone(&crowd),
        Arc::clone(&heard),
    ));
    // The owner's session is what refunds are asked for with.
    let mut program = street.start(&built.jinliu, &[])?;
    street.listens(&mut program).await?;
    Shopper::new(&street, "owner")?
        .signs_in_at_last(&crowd)
        .await;
    program.kill()?;
    let mut died = Vec::new();
    for _ in 0..EACH {
        for point in shuffled(points) {
            if u64::try_from(died.len())? >= missing.max(u64::try_from(points.len())?) {
                break;
            }
            died.push(one_cycle(built, &street, point, proof).await?);
        }
    }
    // The faults end, and everything must come to its right end.
    crowd.stop();
    let rate = (crash_points::RATE, RESTING_RATE.to_string());
    // Theirs run from the same moment as the shop's: half a minute apart is an hour at this rate, and Google refuses that.
    street.clocks_run(RESTING_RATE).await?;
    let mut program = street.start(&built.jinliu, &[rate])?;
    street.listens(&mut program).await?;
    while people.join_next().await.is_some() {}
    street.payuni_passes(10).await?;
    let settled = settles(&street, Duration::from_secs(90)).await?;
    let (status, _) = program.terminate().await?;
    let after = format!("{died:?}");
    if let Err(why) = settled {
        proof.fail(format!("{why}, after {after}"));
    }
    proof.demand(status.success(), || {
        format!("asked to end, it ended {status}")
    });
    judge(&street, &crowd, &heard, &after, proof).await?;
    match Arc::into_inner(street) {
        Some(street) if !proof.holds() => {
            let kept = street.keep();
            proof.fail(format!("what was left stands in {}", kept.display()));
        }
        Some(street) => street.close().await,
        None => {}
    }
    Ok(())
}

fn shuffled(points: &[&'static str]) -> Vec<&'static str> {
    let mut points = points.to_vec();
    for last in (1..points.len()).rev() {
        points.swap(last, rand::rng().random_range(0..=last));
    }
    points
}

/// One life of the program. Returns where it ended.
async fn one_cycle(
    built: &Built,
    street: &Street,
    point: &'static str,
    proof: &mut Proof,
) -> Result<&'static str> {
    if matches!(point, "K15" | "K16" | "K17") {
        street.payuni_passes(10).await?;
        refunds::ask_for_one(street, proof).await?;
    }
    let program = street.start(&built.jinliu, &armed(built, point))?;
    proof.count("cycles", 1);
    match point {
        "random" => {
            let life = rand::rng().random_range(0..700);
            tokio::time::sleep(Duration::from_millis(life)).await;
            program.kill()?;
            proof.count(point, 1);
            Ok(point)
        }
        "K23" => terminated(street, program, proof).await,
        _ => {
            let mut program = program;
            let reached = program.mark(PATIENCE).await;
            program.lives()?;
            program.kill()?;
            let reached = reached.as_deref() == Some(point);
            proof.count(if reached { point } else { "not_reached" }, 1);
            if !reached {
                proof.count(&format!("not_reached {point}"), 1);
            }
            Ok(if reached { point } else { "not reached" })
        }
    }
}

/// How the program learns where to stop.
fn armed(built: &Built, point: &str) -> Vec<(&'static str, String)> {
    let some = rand::rng().random_range(1..=3_u32);
    let recorder = ("LD_PRELOAD", built.recorder.display().to_string());
    match point {
        "random" | "K23" => Vec::new(),
        // These lie inside SQLite: the library that stands before the C library stops there.
        "K07" => vec![recorder, ("POWER_STOP", format!("wal-sync:{some}"))],
        "K21" => vec![
            recorder,
            ("POWER_STOP", format!("db-write:{some}")),
            (
                crash_points::PRAGMAS,
                "PRAGMA wal_autocheckpoint = 8".to_owned(),
            ),
        ],
        // What comes once in a life, or once a second.
        "K10" | "K11" | "K12" | "K13" | "K15" | "K16" | "K17" | "K19" | "K22" => {
            vec![(crash_points::STOP_AT, point.to_owned())]
        }
        _ => vec![(crash_points::STOP_AT, format!("{point}:{some}"))],
    }
}

/// K23: a deploy. What is in flight is finished within ten seconds, and it ends well.
async fn terminated(
    street: &Street,
    mut program: Program,
    proof: &mut Proof,
) -> Result<&'static str> {
    street.listens(&mut program).await?;
    let life = rand::rng().random_range(50..500);
    tokio::time::sleep(Duration::from_millis(life)).await;
    let (status, took) = program.terminate().await?;
    proof.demand(status.success() && took < Duration::from_secs(12), || {
        format!(
            "K23: asked to end, it ended {status} after {} ms",
            took.as_millis()
        )
    });
    proof.count("K23", 1);
    Ok("K23")
}

/// Says again, on sockets of its own and in two pieces, what PAYUNi has said, and keeps what it was told.
async fn echo(street: Arc<Street>, crowd: Arc<Crowd>, heard: Arc<Heard>) {
    while crowd.goes_on() {
        tokio::time::sleep(Duration::from_millis(15)).await;
        let Ok(all) = street
            .look(street.payuni("/_sandbox/messages?limit=40"))
            .await
        else {
            continue;
        };
        let messages = all["messages"].as_array().cloned().unwrap_or_default();
        let notices: Vec<&Value> = messages
            .iter()
            .filter(|message| message["kind"] == "notice")
            .collect();
        if notices.is_empty() {
            continue;
        }
        let one = notices[rand::rng().random_range(0..notices.len())];
        let (Some(outer), Some(meaning)) = (one["outer"].as_object(), Acked::of(one)) else {
            continue;
        };
        let body = form(outer);
        let sent = wire::post(street.port, &body, true);
        if let Ok(Ok(answer)) = tokio::time::timeout(Duration::from_secs(3), sent).await
            && answer.acknowledges()
        {
            heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(meaning);
        }
    }
}

fn form(fields: &serde_json::Map<String, Value>) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        body.append_pair(name, value.as_str().unwrap_or_default());
    }
    body.finish()
}
