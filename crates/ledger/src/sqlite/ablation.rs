//! Guards switched off on purpose, in the file of one throw-away shop, to see whether the others hold.

use super::open::store_error;
use crate::{LedgerError, desk::ABLATED_NOTE};
use orders::{Book, ablation::Ablated};
use rusqlite::{Connection, OptionalExtension};

/// A guard of a ledger that can be switched off by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// A fact's meaning is unique.
    FactsUnique,
    /// A known fact is no news.
    Repeats,
    /// A payment has exactly its order's amount.
    AmountKey,
    /// A trade that pays another order is looked up first.
    TradeOfAnother,
    /// An order has one delivery.
    DeliveryKey,
    /// What the shop itself records must be lawful.
    Lawful,
    /// A refund is held to what is left.
    RefundCheck,
    /// The schema adds refunds up.
    RefundTrigger,
    /// Line 3 of an order's book.
    Meaning,
    /// Line 5 of an order's book.
    Confirmation,
}

impl Guard {
    fn letter(self) -> char {
        match self {
            Self::FactsUnique => 'f',
            Self::Repeats => 'r',
            Self::AmountKey => 'a',
            Self::TradeOfAnother => 't',
            Self::DeliveryKey => 'd',
            Self::Lawful => 'l',
            Self::RefundCheck => 'c',
            Self::RefundTrigger => 'g',
            Self::Meaning => 'm',
            Self::Confirmation => 'o',
        }
    }

    /// What of the schema stands otherwise without it.
    fn edit(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::FactsUnique => Some((",\n    UNIQUE (order_no, meaning)\n", "\n")),
            Self::AmountKey => Some((
                "FOREIGN KEY (order_no, amount, currency) REFERENCES orders (order_no, amount, currency)",
                "FOREIGN KEY (order_no) REFERENCES orders (order_no)",
            )),
            Self::DeliveryKey => Some((
                "order_no        TEXT PRIMARY KEY REFERENCES orders (order_no),\n    trade_no        TEXT NOT NULL REFERENCES payments",
                "order_no        TEXT REFERENCES orders (order_no),\n    trade_no        TEXT NOT NULL REFERENCES payments",
            )),
            Self::RefundTrigger => Some((
                "NEW.state IN ('reserved', 'sent', 'in_doubt', 'done') AND",
                "0 AND",
            )),
            Self::Repeats
            | Self::TradeOfAnother
            | Self::Lawful
            | Self::RefundCheck
            | Self::Meaning
            | Self::Confirmation => None,
        }
    }
}

/// The schema without these guards.
pub(super) fn edited(migration: &str, off: &[Guard]) -> String {
    let edits = off.iter().filter_map(|guard| guard.edit());
    edits.fold(migration.to_owned(), |text, (part, instead)| {
        text.replace(part, instead)
    })
}

/// Writes down in the file itself what is off, so that whoever opens it reads it so.
pub(super) fn note(connection: &Connection, off: &[Guard]) -> Result<(), LedgerError> {
    let letters: String = off.iter().map(|guard| guard.letter()).collect();
    connection
        .execute(
            "INSERT INTO notes (name, body, written_at_ms) VALUES (?1, ?2, 0)
             ON CONFLICT (name) DO UPDATE SET body = excluded.body",
            [ABLATED_NOTE, &letters],
        )
        .map(drop)
        .map_err(store_error("write a note"))
}

/// Whether a guard is off in this file.
pub(super) fn is_off(connection: &Connection, guard: Guard) -> Result<bool, LedgerError> {
    Ok(letters(connection)?.contains(guard.letter()))
}

fn letters(connection: &Connection) -> Result<String, LedgerError> {
    let found: Option<String> = connection
        .prepare_cached("SELECT body FROM notes WHERE name = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([ABLATED_NOTE], |row| row.get(0))
                .optional()
        })
        .map_err(store_error("read a note"))?;
    Ok(found.unwrap_or_default())
}

/// Tells a book what it is not held to.
pub(super) fn ablate(connection: &Connection, book: &mut Book) -> Result<(), LedgerError> {
    let letters = letters(connection)?;
    let off = |guard: Guard| letters.contains(guard.letter());
    book.ablated = Ablated {
        meaning: off(Guard::Meaning),
        confirmation: off(Guard::Confirmation),
        repeats: off(Guard::Repeats),
        lawful: off(Guard::Lawful),
        refunds: off(Guard::RefundCheck),
    };
    Ok(())
}
