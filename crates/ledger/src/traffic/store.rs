//! The file of what travelled, and the key of what stands in it.

use super::{Exchange, Kept, Kind, Subject};
use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, consts::U12},
};
use jiff::Timestamp;
use orders::AttemptNo;
use rand::Rng;
use rusqlite::{Connection, params};

/// Of a message so many bytes are kept: a notice has two thousand, a query's answer about one trade three thousand.
const BYTES_MAX: usize = 64 * 1024;
/// Of what a browser or a stranger can send again as often as he likes, so many bytes are kept.
const TOLD_BYTES_MAX: usize = 8 * 1024;
/// And so many messages of one order with one verdict, the first ones.
const TOLD_MAX: u32 = 20;
/// Of one order so many messages are shown at most, the first ones.
const SHOWN_MAX: u32 = 500;

/// The file, and the key of what stands in it.
pub(super) struct Store {
    pub(super) connection: Connection,
    cipher: Aes256Gcm,
}

const NONCE_BYTES: usize = 12;

impl Store {
    pub(super) fn new(connection: Connection, key: &[u8; 32]) -> Self {
        let cipher = Aes256Gcm::new(key.into());
        Self { connection, cipher }
    }

    /// A fresh nonce, and what it sealed. Nothing where it cannot be sealed: then it is not kept.
    fn shut(&self, bytes: &[u8], most: usize) -> Vec<u8> {
        let bytes = bytes.get(..most).unwrap_or(bytes);
        let mut nonce = [0; NONCE_BYTES];
        rand::rng().fill_bytes(&mut nonce);
        let sealed = self.cipher.encrypt(&Nonce::<U12>::from(nonce), bytes);
        sealed.map_or_else(|_| Vec::new(), |sealed| [&nonce[..], &sealed].concat())
    }

    fn open(&self, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce = Nonce::<U12>::try_from(nonce).ok()?;
        self.cipher.decrypt(&nonce, sealed).ok()
    }

    pub(super) fn write(&self, exchange: &Exchange) -> rusqlite::Result<usize> {
        let told = matches!(exchange.kind, Kind::Notice | Kind::Return);
        if told && self.is_full(exchange)? {
            return Ok(0);
        }
        let bytes_max = if told { TOLD_BYTES_MAX } else { BYTES_MAX };
        self.connection
        .prepare_cached(
            "INSERT INTO exchanges (subject, attempt, kind, at_ms, answered_at_ms, path, sent, answer, verdict, outcome)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute(params![
            exchange.subject.key(),
            exchange.subject.attempt().map(AttemptNo::as_str),
            exchange.kind.as_str(),
            exchange.at.as_millisecond(),
            exchange.answered_at.as_millisecond(),
            exchange.path,
            self.shut(&exchange.sent, bytes_max),
            self.shut(&exchange.answer, bytes_max),
            exchange.verdict,
            exchange.outcome,
        ])
    }

    /// Whether as many messages of this kind and verdict are kept of its order as ever will be.
    fn is_full(&self, exchange: &Exchange) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT COUNT(*) >= ?4 FROM exchanges WHERE subject = ?1 AND kind = ?2 AND verdict = ?3",
            )?
            .query_row(
                params![
                    exchange.subject.key(),
                    exchange.kind.as_str(),
                    exchange.verdict,
                    TOLD_MAX
                ],
                |row| row.get(0),
            )
    }

    pub(super) fn read(&self, subject: &Subject, before: Timestamp) -> rusqlite::Result<Vec<Kept>> {
        // Of an order the first ones, of a member the last ones, both in the order of time.
        let mut statement = self.connection.prepare_cached(match subject {
            Subject::Order(..) => "SELECT n, attempt, kind, at_ms, answered_at_ms, path, sent, answer, verdict, outcome
                FROM exchanges WHERE subject = ?1 AND at_ms <= ?2 ORDER BY at_ms, n LIMIT ?3",
            Subject::Member(_) => "SELECT * FROM (SELECT n, attempt, kind, at_ms, answered_at_ms, path, sent, answer, verdict, outcome
                FROM exchanges WHERE subject = ?1 AND at_ms <= ?2 ORDER BY at_ms DESC, n DESC LIMIT ?3) ORDER BY at_ms, n",
        })?;
        let rows = statement.query_map(
            params![subject.key(), before.as_millisecond(), SHOWN_MAX],
            |row| {
                let kind: String = row.get(2)?;
                let attempt: Option<String> = row.get(1)?;
                let subject = match subject {
                    Subject::Order(no, _) => {
                        Subject::Order(no.clone(), attempt.and_then(|attempt| attempt.parse().ok()))
                    }
                    Subject::Member(id) => Subject::Member(id.clone()),
                };
                let time = |place: usize| {
                    row.get(place)
                        .map(|ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH))
                };
                let opened =
                    |place: usize| row.get(place).map(|sealed: Vec<u8>| self.open(&sealed));
                let (sent, answer) = (opened(6)?, opened(7)?);
                // A kind of a later version, or a key of an earlier one, is not shown.
                let Some(((kind, sent), answer)) = Kind::parse(&kind).zip(sent).zip(answer) else {
                    return Ok(None);
                };
                Ok(Some(Kept {
                    n: row.get(0)?,
                    exchange: Exchange {
                        subject,
                        kind,
                        at: time(3)?,
                        answered_at: time(4)?,
                        path: row.get(5)?,
                        sent,
                        answer,
                        verdict: row.get(8)?,
                        outcome: row.get(9)?,
                    },
                }))
            },
        )?;
        rows.filter_map(Result::transpose).collect()
    }
}
