//! How we know: the ledger's auditor, with its own SQL and its own fold.
//!
//! It shares no code with what it judges. A rule that is misunderstood in the core is not misunderstood here by import.

mod attempts;
mod books;
mod exceptions;
mod facts;
mod file;
mod fold;
mod history;
mod money;
mod outbox;
mod people;
mod refunds;
mod trail;

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;
use std::{path::Path, time::Duration};

pub use books::{GatewayBooks, SheetRows, Trade};

/// What a check found: one sentence for each row that breaks the rule.
type Found = rusqlite::Result<Vec<String>>;

/// One rule, asked of the file.
type Rule = fn(&Connection) -> Found;

/// The checks in the order in which they are reported. The names are part of the contract with outside programs.
const CHECKS: &[(&str, Rule)] = &[
    ("file.integrity", file::integrity),
    ("file.references", file::references),
    ("file.schema", file::schema),
    ("file.guards", file::guards),
    ("people.members", people::members),
    ("order.amount", money::order_amount),
    ("payment.amount", money::payment_amount),
    ("payment.trade", money::payment_trade),
    ("paid.proof", money::paid_proof),
    ("fulfil.proof", money::fulfil_proof),
    ("fulfil.once", money::fulfil_once),
    ("fulfil.trade", money::fulfil_trade),
    ("facts.fold", facts::fold),
    ("facts.edges", facts::edges),
    ("facts.version", facts::version),
    ("facts.meaning", facts::meaning),
    ("facts.payments", facts::payments),
    ("attempts.order", attempts::order),
    ("attempts.numbers", attempts::numbers),
    ("exceptions.parked", exceptions::parked),
    ("exceptions.derived", exceptions::derived),
    ("exceptions.causes", exceptions::causes),
    ("outbox.deliver", outbox::deliver),
    ("outbox.delivered", outbox::delivered),
    ("outbox.done", outbox::done),
    ("outbox.states", outbox::states),
    ("outbox.leases", outbox::leases),
    ("outbox.subjects", outbox::subjects),
    ("refund.sum", refunds::sum),
    ("refund.persons", refunds::persons),
    ("refund.moves", refunds::moves),
    ("refund.known", refunds::known),
    ("trail.chain", trail::chain),
    ("trail.facts", trail::facts),
    ("trail.decisions", trail::decisions),
];

/// What the audit of one ledger found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether every check holds.
    pub ok: bool,
    /// Each check, in a fixed order.
    pub checks: Vec<Check>,
    /// What is worth knowing and breaks no rule.
    pub notes: Vec<String>,
}

/// One rule and the rows that break it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The rule's stable name, `subject.rule`.
    pub name: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// One sentence for people for each violation, naming the row.
    pub violations: Vec<String>,
}

impl Report {
    /// Returns the names of the checks that do not hold.
    #[must_use]
    pub fn broken(&self) -> Vec<&'static str> {
        self.checks
            .iter()
            .filter(|check| !check.holds)
            .map(|check| check.name)
            .collect()
    }
}

/// Why a file could not be audited at all.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The file cannot be opened or read.
    #[error("帳本讀不到。確認路徑與權限，並確認檔案是 SQLite 資料庫")]
    Unreadable(#[from] rusqlite::Error),
    /// A database, but not a ledger of this program.
    #[error("這個 SQLite 檔案不是金流的帳本：沒有「{0}」這個資料表。確認 DATABASE_URL 指的是帳本")]
    NotALedger(&'static str),
}

/// Holds the ledger in this file to every rule. The file is opened to read only, and all checks see one moment of it,
/// so a shop may go on meanwhile.
///
/// # Errors
/// The file cannot be read, or is no ledger. A broken rule is no error but a check that does not hold.
pub fn audit(path: &Path) -> Result<Report, AuditError> {
    audit_against(path, None, None)
}

/// As [`audit`], and holds the ledger to the gateway's own books and to the sheet, where they are given. Those checks hold
/// once everything under way has come to rest.
///
/// # Errors
/// As [`audit`].
pub fn audit_against(
    path: &Path,
    gateway: Option<&GatewayBooks>,
    sheet: Option<&SheetRows>,
) -> Result<Report, AuditError> {
    let connection = Connection::open_with_flags(
        path,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    connection.busy_timeout(Duration::from_secs(5))?;
    let moment = connection.unchecked_transaction()?;
    for table in file::TABLES {
        if !file::has_table(&moment, table)? {
            return Err(AuditError::NotALedger(table));
        }
    }
    let mut checks: Vec<Check> = CHECKS
        .iter()
        .map(|(name, check)| held(name, check(&moment)))
        .collect();
    if let Some(gateway) = gateway {
        checks.extend(books::checks(&moment, gateway));
    }
    if let Some(sheet) = sheet {
        checks.push(books::sheet(&moment, sheet));
    }
    Ok(Report {
        ok: checks.iter().all(|check| check.holds),
        checks,
        notes: file::notes(&moment)?,
    })
}

fn held(name: &'static str, found: Found) -> Check {
    // What cannot be read does not hold: a damaged page must not pass for a kept rule.
    let violations = found.unwrap_or_else(|error| vec![format!("這一項查不下去：{error}")]);
    Check {
        name,
        holds: violations.is_empty(),
        violations,
    }
}

/// Runs queries that each return one sentence for each violation.
fn sentences(connection: &Connection, queries: &[&str]) -> Found {
    let mut found = Vec::new();
    for query in queries {
        let mut statement = connection.prepare(query)?;
        let rows = statement.query_map([], |row| row.get(0))?;
        for row in rows {
            found.push(row?);
        }
    }
    Ok(found)
}
