//! What a table consists of.

/// Who writes a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// This program: protected, and set at every upsert.
    Us,
    /// People: never written, except when an empty table is filled for the first time.
    People,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColumnSpec {
    /// Its name in the program.
    pub key: &'static str,
    /// Its header, by which it is found wherever people move it.
    pub title: &'static str,
    /// Who writes it.
    pub writer: Writer,
}

impl ColumnSpec {
    /// A column that this program writes.
    #[must_use]
    pub const fn ours(key: &'static str, title: &'static str) -> Self {
        Self {
            key,
            title,
            writer: Writer::Us,
        }
    }

    /// A column that people write.
    #[must_use]
    pub const fn theirs(key: &'static str, title: &'static str) -> Self {
        Self {
            key,
            title,
            writer: Writer::People,
        }
    }
}

/// How the cells under the header are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// Our columns are protected: only the service account (and the file's owner, always) may edit them.
    Protected,
    /// Google warns before an edit.
    Warned,
    /// Open to everybody that the spreadsheet is shared with.
    Open,
}

/// A tab that holds a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TabSpec {
    /// The tab's title.
    pub title: &'static str,
    /// Its columns, in the order in which a new tab gets them.
    pub columns: &'static [ColumnSpec],
    /// Which column's [`ColumnSpec::key`] names the rows.
    pub key: &'static str,
    /// How the body is kept.
    pub body: Body,
    /// What people read in the list of protected ranges.
    pub note: &'static str,
}
