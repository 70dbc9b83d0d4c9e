//! Lines switched off on purpose, in one throw-away shop at a time, to see whether the others hold.

use edge::Accepts;

/// Which lines of a shop are off. Line 4, and what line 3 and 5 keep in an order's book, are off in the ledger's file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ablated {
    /// Line 1: hosts, other sites' forms, methods, content types, rates.
    pub edge: bool,
    /// Line 2: a notice's hash and tag, a form's token, the freshness of a sign-in.
    pub authenticity: bool,
    /// Line 3: what a notice means, and who may enter the back office.
    pub meaning: bool,
}

impl Ablated {
    /// What the gateway's routes take.
    pub(crate) fn accepts(self) -> Accepts {
        Accepts {
            unchecked: self.edge,
            ..Accepts::FORM
        }
    }
}
