//! Carries the notices to the merchants, and ends the payment numbers whose time is over.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use reqwest::Client;
use reqwest::redirect::Policy;

use crate::books::Desk;
use crate::clock::{stamp, wall};
use crate::log::Exchange;
use crate::offline;
use crate::outbox::Due;
use crate::world::World;

/// How the sandbox names itself to merchants; the real sender's name is not public.
const AGENT: &str = concat!("payuni-sandbox/", env!("CARGO_PKG_VERSION"));
/// Bytes of a merchant's answer that are kept.
const ANSWER: usize = 200;

/// The client: no proxy, no redirects, as a notice must reach the named address and none else.
pub(crate) fn client() -> io::Result<Client> {
    let builder = || {
        Client::builder()
            .user_agent(AGENT)
            .redirect(Policy::none())
            .no_proxy()
    };
    // A machine without any root certificate still has its shop on http://localhost.
    builder()
        .build()
        .or_else(|_| builder().tls_certs_only([]).build())
        .map_err(io::Error::other)
}

/// Sends what is due, for ever.
pub(crate) async fn run(world: Arc<World>) {
    loop {
        let (due, wait) = world
            .look(|desk, _| {
                desk.next_due()
                    .map(|at| desk.books.clock.wait_for(wall(), at))
            })
            .map_or((false, None), |wait| (wait == Some(0), wait));
        if due {
            for notice in world.work(Desk::take_due) {
                tokio::spawn(deliver(Arc::clone(&world), notice));
            }
            continue;
        }
        let wait = wait.map_or(Duration::from_secs(3600), Duration::from_millis);
        tokio::select! {
            () = world.due.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn deliver(world: Arc<World>, notice: Due) {
    let (http, answer) = post(&world.http, &notice).await;
    world.work(|desk, now| {
        if let Some(message) = desk.books.messages.iter().find(|m| m.id == notice.id) {
            let exchange = Exchange {
                direction: "out",
                target: &message.url.clone(),
                request: &message.inner.clone(),
                outer: &message.outer.clone(),
                reply: answer.clone().into(),
                status: http.map_or_else(|| "error".to_owned(), |code| code.to_string()),
            };
            desk.log.write(stamp(now), exchange);
        }
        desk.tried(notice.id, http, answer, now);
    });
}

/// One try: the HTTP status, if there was one, and the beginning of the answer or of the fault.
async fn post(client: &Client, notice: &Due) -> (Option<u16>, String) {
    let request = client
        .post(&notice.url)
        .header(
            header::CONTENT_TYPE.as_str(),
            "application/x-www-form-urlencoded",
        )
        .timeout(Duration::from_secs(u64::from(notice.timeout_s.max(1))))
        .body(notice.body.clone());
    match request.send().await {
        Err(error) => (None, describe(&error)),
        Ok(mut response) => {
            let status = response.status().as_u16();
            let mut answer = Vec::new();
            while answer.len() < ANSWER {
                match response.chunk().await {
                    Ok(Some(chunk)) => answer.extend_from_slice(&chunk),
                    Ok(None) => break,
                    Err(error) => return (None, describe(&error)),
                }
            }
            answer.truncate(ANSWER);
            (Some(status), String::from_utf8_lossy(&answer).into_owned())
        }
    }
}

fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "逾時".to_owned()
    } else if error.is_connect() {
        "無法連線".to_owned()
    } else {
        "傳送失敗".to_owned()
    }
}

/// Ends payment numbers at their time, for ever.
pub(crate) async fn run_out(world: Arc<World>) {
    loop {
        let ((over, next), clock) =
            world.look(|desk, now| (offline::run_out(desk, now), desk.books.clock.clone()));
        for (mer_id, trade_no) in over {
            let Some(merchant) = world.merchant(&mer_id) else {
                continue;
            };
            let ended = world.work(|desk, now| offline::expire(desk, &merchant, &trade_no, now));
            if let Err(why) = ended {
                tracing::debug!(trade_no, why = why.text(), "number was not ended");
            }
        }
        // A moved clock is noticed within a second.
        let wait = next
            .and_then(|at| clock.wait_for(wall(), at))
            .unwrap_or(1000)
            .clamp(20, 1000);
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
}
