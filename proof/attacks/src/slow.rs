//! Clients that take their time, while others are to be served.

use crate::{
    play::Play,
    steps::{Pace, Slow},
};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// How often a slow client gives a byte.
const BEAT: Duration = Duration::from_millis(500);

pub(crate) async fn play(play: &mut Play<'_>, step: &Slow) -> anyhow::Result<()> {
    let shop = play.stage.addresses().shop.clone();
    let address = shop.replace("http://localhost", "127.0.0.1");
    let port = address.rsplit(':').next().unwrap_or_default().to_owned();
    let mut clients = JoinSet::new();
    let started = Instant::now();
    for _ in 0..step.clients {
        let (address, port, pace) = (address.clone(), port.clone(), step.pace);
        clients.spawn(async move { client(&address, &port, pace).await });
    }
    let limit = Duration::from_secs(step.within_s);
    let mut slowest = Duration::ZERO;
    let mut shown_out = 0_u32;
    // Visitors come all the while.
    while shown_out < step.clients && started.elapsed() <= limit {
        let asked = Instant::now();
        let answer = play.outside.get(format!("{shop}/healthz")).send().await;
        if !answer.is_ok_and(|answer| answer.status().is_success()) {
            play.wrong.push("a visitor was not served".to_owned());
            break;
        }
        slowest = slowest.max(asked.elapsed());
        let wait = tokio::time::timeout(Duration::from_millis(100), clients.join_next());
        if let Ok(Some(ended)) = wait.await {
            ended?;
            shown_out += 1;
            while let Some(ended) = clients.try_join_next() {
                ended?;
                shown_out += 1;
            }
        }
    }
    clients.abort_all();
    if shown_out < step.clients {
        play.wrong.push(format!(
            "{shown_out} of {} slow clients were shown out within {} s",
            step.clients, step.within_s
        ));
    }
    if slowest > Duration::from_millis(step.served_ms) {
        play.wrong.push(format!(
            "a visitor waited for {} ms meanwhile",
            slowest.as_millis()
        ));
    }
    Ok(())
}

/// Stays as long as it is let; ends when the shop closes the connection.
async fn client(address: &str, port: &str, pace: Pace) {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return;
    };
    let begin = match pace {
        Pace::Header => format!("POST /payuni/notify HTTP/1.1\r\nhost: localhost:{port}\r\nx-a: "),
        Pace::Body => format!(
            "POST /payuni/notify HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 60000\r\n\r\n"
        ),
        Pace::Idle => String::new(),
        Pace::Unread => format!("GET / HTTP/1.1\r\nhost: localhost:{port}\r\n\r\n").repeat(200),
    };
    if stream.write_all(begin.as_bytes()).await.is_err() {
        return;
    }
    let mut answer = [0_u8; 512];
    loop {
        if pace == Pace::Unread {
            // Nothing is read: only a write tells that the other side is gone.
            tokio::time::sleep(BEAT).await;
            if stream.write_all(b"GET / HTTP/1.1\r\n").await.is_err() {
                return;
            }
            continue;
        }
        match tokio::time::timeout(BEAT, stream.read(&mut answer)).await {
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(_)) => {}
            Err(_) if pace == Pace::Idle => {}
            Err(_) => {
                if stream.write_all(b"x").await.is_err() {
                    return;
                }
            }
        }
    }
}
