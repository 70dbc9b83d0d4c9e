//! A server under test, and a client that sends exactly the bytes that it is told to.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use edge::{Gate, Limits, LoadGauge, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Far longer than any limit under test; only a failure waits this long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A time that no test waits for.
pub(crate) const NEVER: Duration = Duration::from_secs(600);

/// Limits of which none strikes; each test shortens the one that it is about.
pub(crate) fn generous() -> Limits {
    Limits {
        header_timeout: NEVER,
        body_timeout: NEVER,
        write_timeout: NEVER,
        answer_timeout: NEVER,
        stream_life: NEVER,
        drain: PATIENCE,
        connections: 64,
        streams: 8,
        ..Limits::default()
    }
}

pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) load: LoadGauge,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

impl House {
    pub(crate) async fn open(router: Router, limits: Limits) -> Self {
        Self::open_with(
            router,
            Gate {
                limits,
                ..Gate::default()
            },
        )
        .await
    }

    pub(crate) async fn open_with(router: Router, gate: Gate) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let load = gate.load.clone();
        let ended = tokio::spawn(serve(listener, router, gate, async {
            stopped.await.ok();
        }));
        Self {
            address,
            load,
            stop,
            ended,
        }
    }

    pub(crate) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }

    /// Sends one request and reads all of the answer.
    pub(crate) async fn ask(&self, request: &str) -> String {
        let mut client = self.connect().await;
        client.send(request).await;
        client.rest().await
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        self.ask(&get(path)).await
    }

    /// Waits until the load is as wanted.
    pub(crate) async fn until(&self, wanted: impl Fn(edge::Load) -> bool) {
        let met = async {
            while !wanted(self.load.read()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        assert!(
            timeout(PATIENCE, met).await.is_ok(),
            "load stayed at {:?}",
            self.load.read()
        );
    }

    /// Begins the shutdown; resolves when the server has ended.
    pub(crate) fn close(self) -> impl Future<Output = ()> {
        self.stop.send(()).unwrap();
        async {
            timeout(PATIENCE, self.ended)
                .await
                .unwrap()
                .unwrap()
                .unwrap();
        }
    }
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Sends what the other side may no longer want.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.0.write_all(bytes).await.is_ok()
    }

    /// Reads until the connection ends, by a close or by a reset.
    pub(crate) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let read = async {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = self.0.read(&mut buffer).await {
                bytes.extend_from_slice(&buffer[..count]);
            }
        };
        let ended = timeout(PATIENCE, read).await.is_ok();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(ended, "the connection stayed open after {text:?}");
        text
    }

    /// Reads until a text was seen.
    pub(crate) async fn until(&mut self, wanted: &str) -> String {
        let mut text = String::new();
        let read = async {
            let mut buffer = [0; 4096];
            while !text.contains(wanted) {
                let count = self.0.read(&mut buffer).await.unwrap();
                assert_ne!(count, 0, "closed after {text:?}");
                text.push_str(&String::from_utf8_lossy(&buffer[..count]));
            }
        };
        assert!(
            timeout(PATIENCE, read).await.is_ok(),
            "never saw {wanted:?}"
        );
        text
    }
}
