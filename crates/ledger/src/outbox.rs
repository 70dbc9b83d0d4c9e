//! Effects on their way out. Each was written in the commit of its cause and stays until its destination has it.

use jiff::Timestamp;

/// Where an effect goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The order's row of the sheet.
    SheetOrder,
    /// The member's row of the sheet.
    SheetMember,
    /// A line of the sheet's events.
    SheetEvent,
    /// Handing over what was bought.
    Deliver,
}

impl Topic {
    /// Every topic there is.
    pub const ALL: [Self; 4] = [
        Self::SheetOrder,
        Self::SheetMember,
        Self::SheetEvent,
        Self::Deliver,
    ];

    /// Returns the topic's name in the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SheetOrder => "sheet.order",
            Self::SheetMember => "sheet.member",
            Self::SheetEvent => "sheet.event",
            Self::Deliver => "deliver",
        }
    }
}

/// A claim on rows. What comes back under a claim that was lost in the meantime is refused.
#[derive(Clone, Debug)]
pub struct Lease {
    /// A random name, handed in.
    pub token: String,
    /// Until when the claim holds.
    pub until: Timestamp,
}

/// A row to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its id; ids of a topic grow in the order of the commits.
    pub id: i64,
    /// What it is about: an order number, or a member as `issuer sub`, or a fact's place.
    pub aggregate: String,
    /// Counts the rows of one aggregate.
    pub seq: i64,
    /// How often it was tried.
    pub tries: u32,
}

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The destination has it.
    Done,
    /// Try again later.
    Retry {
        /// When.
        at: Timestamp,
        /// Why, without secrets.
        error: String,
    },
    /// It will never work as it is; a person must look.
    Dead {
        /// Why, without secrets.
        error: String,
    },
}
