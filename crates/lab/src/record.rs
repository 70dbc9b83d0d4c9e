//! What the ablation found, read from the file that `jinliu lab ablate --table docs/ablation.md` wrote: that very file is
//! in the program, so that page and document cannot differ.

use std::sync::LazyLock;

const TEXT: &str = include_str!("../../../docs/ablation.md");

/// Something that is switched off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Off {
    /// Its short name, such as `L3` or `L4.facts`.
    pub name: String,
    /// What it is, in Traditional Chinese.
    pub what: String,
}

impl Off {
    /// What it is, in English; the record itself is in Chinese.
    #[must_use]
    pub fn english(&self) -> &str {
        match self.name.as_str() {
            "L1" => "the edge: host, cross-site, method, content type, rate",
            "L2" => "authenticity: hash, GCM tag, form token, fresh sign-in",
            "L3" => "meaning: direction, required fields, merchant, amount, currency, who may act",
            "L4.facts" => "a fact stands once (UNIQUE)",
            "L4.repeats" => "what is known is no news (state machine)",
            "L4.amount" => "a payment is of the order's amount (foreign key)",
            "L4.trade" => "a trade pays one order only (query)",
            "L4.delivery" => "an order is delivered once (primary key)",
            "L4.lawful" => "deliveries and endings are lawful (state machine)",
            "L4.refund_check" => "no more goes back than is left (program)",
            "L4.refund_trigger" => "no more goes back than was paid (trigger)",
            "L5" => "confirmation: nothing leaves before PAYUNi was asked",
            _ => &self.what,
        }
    }
}

/// What came of an attack with something switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// No harm, every step carried out.
    Whole,
    /// No harm, but the attack did not get to its end.
    Partly,
    /// Harm.
    Broken,
    /// Nobody could judge it.
    Unknown,
}

impl Held {
    /// The sign that stands for it.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Whole => "✓",
            Self::Partly => "✓…",
            Self::Broken => "✗",
            Self::Unknown => "？",
        }
    }

    fn of(sign: &str) -> Option<Self> {
        [Self::Whole, Self::Partly, Self::Broken, Self::Unknown]
            .into_iter()
            .find(|held| held.sign() == sign)
    }
}

/// A place in the matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// What came of it.
    pub held: Held,
    /// The codes that were left, such as `L5.unconfirmed`.
    pub caught_by: String,
}

/// An attack's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The case.
    pub id: String,
    /// What catches it while everything stands.
    pub on: String,
    /// With each part off, in the order of [`Record::off`].
    pub cells: Vec<Cell>,
}

impl Row {
    /// Whether nothing but one part stands between it and the money.
    #[must_use]
    pub fn hangs_by_one(&self) -> bool {
        self.cells.iter().any(|cell| cell.held == Held::Broken)
    }
}

/// The whole matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// What was switched off, in order.
    pub off: Vec<Off>,
    /// The attacks.
    pub rows: Vec<Row>,
}

impl Record {
    fn read(text: &str) -> Option<Self> {
        let parts = text.lines().filter_map(|line| {
            let (name, what) = line.strip_prefix("- `")?.split_once("`：")?;
            let (name, what) = (name.to_owned(), what.to_owned());
            Some(Off { name, what })
        });
        let mut record = Self {
            off: parts.collect(),
            rows: Vec::new(),
        };
        for line in text.lines().filter(|line| line.starts_with("| A")) {
            let mut cells = line.trim().trim_matches('|').split('|').map(str::trim);
            let (id, _) = cells.next()?.split_once(' ')?;
            let on = cells.next()?.to_owned();
            let cells = cells.map(|cell| {
                let (sign, rest) = cell.split_once(' ').unwrap_or((cell, ""));
                let held = Held::of(sign)?;
                let caught_by = rest.to_owned();
                Some(Cell { held, caught_by })
            });
            let cells: Vec<Cell> = cells.collect::<Option<_>>()?;
            (cells.len() == record.off.len()).then_some(())?;
            let id = id.to_owned();
            record.rows.push(Row { id, on, cells });
        }
        Some(record)
    }

    /// An attack's row, where it is one about money.
    #[must_use]
    pub fn row(&self, id: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }
}

/// What the last ablation found.
#[must_use]
pub fn record() -> &'static Record {
    static RECORD: LazyLock<Record> = LazyLock::new(|| Record::read(TEXT).unwrap_or_default());
    &RECORD
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every row of the file, and nothing that is not in it.
    #[test]
    fn the_whole_file_is_read() {
        let record = record();
        let names: Vec<&str> = record.off.iter().map(|off| off.name.as_str()).collect();
        assert_eq!(names.first(), Some(&"L1"));
        assert_eq!(names.last(), Some(&"L5"));
        let lines = TEXT.lines().filter(|line| line.starts_with("| A")).count();
        assert_eq!(record.rows.len(), lines);
        assert!(lines >= 60);
        let broken = TEXT
            .lines()
            .filter(|line| line.starts_with("| A"))
            .map(|line| line.matches(" ✗").count());
        let found = record.rows.iter().flat_map(|row| &row.cells);
        let found = found.filter(|cell| cell.held == Held::Broken).count();
        assert_eq!(found, broken.sum::<usize>());
        for row in &record.rows {
            assert!(attacks::find(&row.id).is_ok(), "{}", row.id);
        }
    }

    #[test]
    fn a_file_of_another_form_is_not_half_read() {
        assert_eq!(Record::read("- `L1`：一\n| A01 x | L1 | maybe |\n"), None);
        assert_eq!(
            Record::read("- `L1`：一\n| A01 x | L1 | ✓ L1 | ✓ L2 |\n"),
            None
        );
    }
}
