//! A mail server of a few lines: takes what it is sent, or refuses it for a while, and shows it as a person would read it.

use anyhow::Result;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// One mail as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    /// To whom, by the envelope.
    pub(crate) to: Vec<String>,
    /// Its header as sent.
    pub(crate) header: String,
    /// Subject and text, decoded.
    pub(crate) words: String,
}

#[derive(Default)]
struct Shared {
    mails: Mutex<Vec<Mail>>,
    refuses: AtomicBool,
    refused: Mutex<u32>,
}

/// The server; it ends with its owner.
pub(crate) struct Mailbox {
    port: u16,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

impl Mailbox {
    /// Opens it on any free port.
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let for_all = Arc::clone(&shared);
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&for_all);
                tokio::spawn(async move { receive(stream, &shared).await.ok() });
            }
        });
        Ok(Self {
            port,
            shared,
            server,
        })
    }

    /// Where it is, for `SMTP_URL`.
    pub(crate) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Refuses every mail for now (451), or takes them again.
    pub(crate) fn refuses(&self, whether: bool) {
        self.shared.refuses.store(whether, Ordering::SeqCst);
    }

    /// How many it refused.
    pub(crate) fn refused(&self) -> u32 {
        *lock(&self.shared.refused)
    }

    /// What arrived with these words in it.
    pub(crate) fn about(&self, words: &str) -> Vec<Mail> {
        let mails = lock(&self.shared.mails);
        let about = mails.iter().filter(|mail| mail.words.contains(words));
        about.cloned().collect()
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One conversation (RFC 5321), as far as a sender needs it.
async fn receive(stream: TcpStream, shared: &Shared) -> Result<()> {
    let (from_them, mut to_them) = stream.into_split();
    let mut lines = BufReader::new(from_them).split(b'\n');
    to_them.write_all(b"220 mailbox\r\n").await?;
    let mut to = Vec::new();
    while let Some(line) = lines.next_segment().await? {
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        let verb = line.split([' ', ':']).next().unwrap_or_default();
        let answer: &[u8] = match verb.to_ascii_uppercase().as_str() {
            "EHLO" => b"250-mailbox\r\n250 8BITMIME\r\n",
            "MAIL" if shared.refuses.load(Ordering::SeqCst) => {
                *lock(&shared.refused) += 1;
                b"451 not now\r\n"
            }
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                to.push(address.to_owned());
                b"250 ok\r\n"
            }
            "DATA" => {
                to_them.write_all(b"354 go on\r\n").await?;
                let mut text = String::new();
                while let Some(line) = lines.next_segment().await? {
                    let line = String::from_utf8_lossy(&line);
                    let line = line.trim_end_matches('\r');
                    if line == "." {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(line));
                    text.push('\n');
                }
                lock(&shared.mails).push(read(std::mem::take(&mut to), &text));
                b"250 taken\r\n"
            }
            "QUIT" => {
                to_them.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => b"250 ok\r\n",
        };
        to_them.write_all(answer).await?;
    }
    Ok(())
}

/// A mail as its reader sees it: subject and text, whatever they travelled as.
fn read(to: Vec<String>, raw: &str) -> Mail {
    let (header, body) = raw.split_once("\n\n").unwrap_or((raw, ""));
    // A long line of a header goes on in the next, which begins with a blank.
    let header = header.replace("\n ", " ").replace("\n\t", " ");
    let mut words = String::new();
    for line in header.lines().filter(|line| starts(line, "subject:")) {
        words.push_str(&encoded_words(line));
        words.push('\n');
    }
    // Parts of a message each have a small header of their own.
    let lowered = raw.to_lowercase();
    let text = if lowered.contains("content-transfer-encoding: base64") {
        let lines = body.lines().filter(|line| !line.contains([':', ' ', '-']));
        base64(&lines.collect::<String>())
    } else if lowered.contains("content-transfer-encoding: quoted-printable") {
        quoted(&body.replace("=\n", ""), false)
    } else {
        body.as_bytes().to_vec()
    };
    words.push_str(&String::from_utf8_lossy(&text));
    Mail { to, header, words }
}

fn starts(line: &str, name: &str) -> bool {
    line.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name))
}

/// A header's text with its encoded words (RFC 2047) decoded.
fn encoded_words(line: &str) -> String {
    let mut text = String::new();
    for (index, piece) in line.split("=?").enumerate() {
        let parts: Vec<&str> = piece.splitn(3, '?').collect();
        match parts.as_slice() {
            [_, kind, rest] if index > 0 => {
                let (word, after) = rest.split_once("?=").unwrap_or((rest, ""));
                let bytes = if kind.eq_ignore_ascii_case("b") {
                    base64(word)
                } else {
                    quoted(word, true)
                };
                text.push_str(&String::from_utf8_lossy(&bytes));
                // Between two encoded words white space counts for nothing.
                text.push_str(after.trim());
            }
            _ => text.push_str(piece),
        }
    }
    text
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for byte in text.bytes() {
        let place = ALPHABET.iter().position(|known| *known == byte);
        let Some(place) = place.and_then(|place| u32::try_from(place).ok()) else {
            continue;
        };
        bits = (bits << 6 | place) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    bytes
}

/// Quoted-printable; in a header `_` is a blank.
fn quoted(text: &str, in_header: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (*first, byte) {
            (b'=', Some(byte)) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            (b'_', _) if in_header => bytes.push(b' '),
            (other, _) => bytes.push(other),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_reads_the_same_whatever_it_travelled_as() {
        let subject = "Subject: =?utf-8?b?6KiC5Zau?= =?utf-8?q?_A1?=\nTo: a@b.example\n";
        for (encoding, body) in [
            ("base64", "6YeR6aGNIE5U\nJCA2ODA=\n"),
            ("quoted-printable", "=E9=87=91=E9=A1=8D NT$=\n 680\n"),
            ("8bit", "金額 NT$ 680\n"),
        ] {
            let raw = format!("{subject}Content-Transfer-Encoding: {encoding}\n\n{body}");
            let mail = read(vec!["a@b.example".to_owned()], &raw);
            assert!(mail.words.contains("訂單 A1"), "{mail:?}");
            assert!(mail.words.contains("金額 NT$ 680"), "{encoding}: {mail:?}");
        }
    }
}
