//! A logistics service of a few lines: down, silent, forgetful or well, and never two parcels for one key.

use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Takes a parcel and says so.
    Well,
    /// Says 503.
    Down,
    /// Hears, and never answers.
    Silent,
    /// Takes the parcel, and the answer is lost.
    Forgetful,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) key: String,
    pub(crate) parcel: Value,
}

struct Shared {
    mood: Mood,
    asked: Vec<Asked>,
    /// The keys that it made a parcel of: one each, however often it hears a key.
    taken: BTreeSet<String>,
}

/// The service; it ends with its owner.
pub(crate) struct Parcels {
    port: u16,
    shared: Arc<Mutex<Shared>>,
    server: tokio::task::JoinHandle<()>,
}

impl Parcels {
    /// Opens it on any free port.
    pub(crate) async fn open(mood: Mood) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Mutex::new(Shared {
            mood,
            asked: Vec::new(),
            taken: BTreeSet::new(),
        }));
        let for_all = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&for_all);
                tokio::spawn(async move { answer(stream, &shared).await.ok() });
            }
        });
        Ok(Self {
            port,
            shared,
            server,
        })
    }

    /// Where it is, for `LOGISTICS_URL`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/parcels", self.port)
    }

    /// From now on it is like this.
    pub(crate) fn is(&self, mood: Mood) {
        lock(&self.shared).mood = mood;
    }

    /// Everything that was asked about an order, oldest first.
    pub(crate) fn asked(&self, order_no: &str) -> Vec<Asked> {
        let shared = lock(&self.shared);
        let about = |asked: &&Asked| asked.parcel["order_no"] == order_no;
        shared.asked.iter().filter(about).cloned().collect()
    }

    /// How many parcels there are of an order, under whatever keys.
    pub(crate) fn of(&self, order_no: &str) -> usize {
        let asked = self.asked(order_no).into_iter();
        let keys: BTreeSet<String> = asked.map(|asked| asked.key).collect();
        lock(&self.shared).taken.intersection(&keys).count()
    }
}

impl Drop for Parcels {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads one request and answers it as the mood is.
async fn answer(stream: TcpStream, shared: &Mutex<Shared>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut key, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            match name.to_ascii_lowercase().as_str() {
                "idempotency-key" => value.trim().clone_into(&mut key),
                "content-length" => length = value.trim().parse()?,
                _ => {}
            }
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let parcel = serde_json::from_slice(&body).context("no JSON")?;
    let mood = {
        let mut shared = lock(shared);
        shared.asked.push(Asked {
            key: key.clone(),
            parcel,
        });
        if matches!(shared.mood, Mood::Well | Mood::Forgetful) {
            shared.taken.insert(key);
        }
        shared.mood
    };
    let status = match mood {
        Mood::Well => "201 Created",
        Mood::Down => "503 Service Unavailable",
        Mood::Silent => {
            // Until the other side gives up.
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).await?;
            return Ok(());
        }
        Mood::Forgetful => return Ok(()),
    };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await?;
    Ok(())
}
