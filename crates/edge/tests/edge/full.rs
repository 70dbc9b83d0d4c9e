//! More clients than seats, streams that stay, and the end of the day.

use std::convert::Infallible;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::response::Sse;
use axum::response::sse::Event;
use axum::routing::{get, post};
use edge::{Gate, Limits};
use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;

use crate::house::{Client, House, PATIENCE, generous};

fn router(gate: Arc<Semaphore>) -> Router {
    let wait = move || {
        let gate = Arc::clone(&gate);
        async move {
            gate.acquire().await.unwrap().forget();
            "done"
        }
    };
    let events = || async {
        let first = stream::iter([Ok::<_, Infallible>(Event::default().data("hello"))]);
        Sse::new(first.chain(stream::pending()))
    };
    Router::new()
        .route("/", get(|| async { "here" }))
        .route(
            "/form",
            post(|body: Bytes| async move { format!("{} bytes", body.len()) }),
        )
        .route("/wait", get(wait))
        .route("/events", get(events))
}

fn shut() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(0))
}

const SLOW_FORM: &str = "POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\na";

#[tokio::test]
async fn the_oldest_idle_connection_gives_way() {
    let limits = Limits {
        connections: 4,
        streams: 1,
        ..generous()
    };
    let house = House::open(router(shut()), limits).await;
    let mut idle: Vec<Client> = Vec::new();
    for _ in 0..4 {
        idle.push(house.connect().await);
        house.until(|load| load.connections == idle.len()).await;
    }
    let began = Instant::now();
    assert!(house.get("/").await.ends_with("here"));
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(idle.remove(0).rest().await, "");
    // The others are still there and are served.
    for client in &mut idle {
        client.send(&crate::house::get("/")).await;
        assert!(client.rest().await.ends_with("here"));
    }
    assert_eq!(house.load.read().gave_way, 1);
}

#[tokio::test]
async fn a_thousand_idle_connections_do_not_keep_a_notice_out() {
    let limits = Limits {
        connections: 50,
        streams: 1,
        ..generous()
    };
    let house = House::open(router(shut()), limits).await;
    let mut idle = Vec::new();
    for number in 0..300 {
        let mut client = house.connect().await;
        if number % 2 == 0 {
            client.try_send(b"POST /form HTTP/1.1\r\nHost: ").await;
        }
        idle.push(client);
        if number % 50 == 49 {
            let began = Instant::now();
            assert!(house.get("/").await.ends_with("here"));
            assert!(began.elapsed() < Duration::from_secs(5));
        }
    }
    assert!(house.load.read().connections <= 50);
}

#[tokio::test]
async fn half_sent_bodies_give_way_where_nobody_idles() {
    let house = House::open(
        router(shut()),
        Limits {
            connections: 3,
            streams: 1,
            ..generous()
        },
    )
    .await;
    let mut slow = Vec::new();
    for count in 1..=3 {
        let mut client = house.connect().await;
        client.send(SLOW_FORM).await;
        slow.push(client);
        house.until(|load| load.connections == count).await;
    }
    assert!(house.get("/").await.ends_with("here"));
    assert!(house.load.read().gave_way >= 1);
}

#[tokio::test]
async fn who_is_being_served_never_gives_way() {
    let gate = shut();
    let limits = Limits {
        connections: 2,
        streams: 1,
        ..generous()
    };
    let house = House::open(router(Arc::clone(&gate)), limits).await;
    let mut served = Vec::new();
    for count in 1..=2 {
        let mut client = house.connect().await;
        client.send(&crate::house::get("/wait")).await;
        served.push(client);
        house.until(|load| load.connections == count).await;
    }
    // Turned away, or served later; never instead of the others.
    let mut newcomer = house.connect().await;
    newcomer.try_send(crate::house::get("/").as_bytes()).await;
    assert_eq!(newcomer.rest().await, "");
    gate.add_permits(2);
    for client in &mut served {
        assert!(client.rest().await.ends_with("done"));
    }
    assert!(house.get("/").await.ends_with("here"));
}

#[tokio::test]
async fn streams_stay_open_but_are_counted() {
    let short = Duration::from_millis(200);
    let limits = Limits {
        header_timeout: short,
        body_timeout: short,
        write_timeout: short,
        answer_timeout: short,
        streams: 1,
        ..generous()
    };
    let house = House::open(router(shut()), limits).await;
    let mut stream = house.connect().await;
    let began = Instant::now();
    stream
        .send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    stream.until("hello").await;
    let second = house.get("/events").await;
    assert!(second.starts_with("HTTP/1.1 503 "), "{second}");
    assert!(
        second.to_lowercase().contains("retry-after: 10"),
        "{second}"
    );
    // Outlives every other limit.
    while began.elapsed() < short * 3 {
        assert!(house.get("/").await.ends_with("here"));
        assert_eq!(house.load.read().streams, 1);
    }
    drop(stream);
    house.until(|load| load.streams == 0).await;
    let mut again = house.connect().await;
    again
        .send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    again.until("hello").await;
}

#[tokio::test]
async fn a_stream_has_its_life() {
    let limits = Limits {
        stream_life: Duration::from_millis(200),
        ..generous()
    };
    let house = House::open(router(shut()), limits).await;
    let answer = house.get("/events").await;
    assert!(
        answer.contains("hello") && answer.ends_with("0\r\n\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn at_the_end_work_is_finished_and_streams_and_idlers_leave() {
    let gate = shut();
    let house = House::open(router(Arc::clone(&gate)), generous()).await;
    let mut idle = house.connect().await;
    let mut stream = house.connect().await;
    stream
        .send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    stream.until("hello").await;
    let mut working = house.connect().await;
    working
        .send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    house.until(|load| load.connections == 3).await;
    let address = house.address;
    let ended = house.close();
    stream.rest().await;
    idle.rest().await;
    assert!(
        tokio::net::TcpStream::connect(address).await.is_err(),
        "takes no more"
    );
    gate.add_permits(1);
    assert!(working.rest().await.ends_with("done"));
    ended.await;
}

#[tokio::test]
async fn the_drain_has_an_end() {
    let limits = Limits {
        drain: Duration::from_millis(200),
        ..generous()
    };
    let house = House::open(router(shut()), limits).await;
    let mut working = house.connect().await;
    working.send(&crate::house::get("/wait")).await;
    house.until(|load| load.connections == 1).await;
    house.close().await;
    assert_eq!(working.rest().await, "");
}

#[tokio::test]
async fn limits_that_cannot_work_are_refused() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let limits = Limits {
        connections: 8,
        streams: 8,
        ..generous()
    };
    let gate = Gate {
        limits,
        ..Gate::default()
    };
    let served = edge::serve(listener, Router::new(), gate, std::future::pending()).await;
    assert!(served.is_err());
}

const CHILD: &str = "EDGE_TEST_FEW_FILES";

/// The server of the next test: runs only where that test starts it, with few files to open.
#[tokio::test]
async fn a_house_with_few_files() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let house = House::open(
        router(shut()),
        Limits {
            connections: 1000,
            ..generous()
        },
    )
    .await;
    eprintln!("listening {}", house.address);
    tokio::time::sleep(PATIENCE * 2).await;
}

/// More connections than files: `accept` fails with EMFILE, and the loop lives on.
#[cfg(unix)]
#[tokio::test]
async fn running_out_of_files_does_not_end_the_loop() {
    let mut child = Command::new("sh")
        .args([
            "-c",
            "ulimit -n 48 && exec \"$0\" --exact full::a_house_with_few_files --nocapture",
        ])
        .arg(std::env::current_exe().unwrap())
        .env(CHILD, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address: std::net::SocketAddr = lines
        .map_while(Result::ok)
        .find_map(|line| {
            line.strip_prefix("listening ")
                .and_then(|text| text.parse().ok())
        })
        .unwrap();
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    let began = Instant::now();
    let answer = async {
        loop {
            // While the backlog of idle clients is worked off, a new one may be evicted with them: it comes again.
            let Ok(mut socket) = tokio::net::TcpStream::connect(address).await else {
                continue;
            };
            let mut text = String::new();
            let asked = crate::house::get("/");
            if tokio::io::AsyncWriteExt::write_all(&mut socket, asked.as_bytes())
                .await
                .is_ok()
            {
                tokio::io::AsyncReadExt::read_to_string(&mut socket, &mut text)
                    .await
                    .ok();
            }
            if text.ends_with("here") {
                break;
            }
        }
    };
    let answered = tokio::time::timeout(PATIENCE, answer).await;
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        answered.is_ok(),
        "no answer {:?} after the flood",
        began.elapsed()
    );
}
