//! Guards switched off on purpose, one book at a time, to see whether the others hold.

/// What an order's book is not held to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ablated {
    /// Line 3: a report binds to the order it names, whatever merchant, amount or currency it says.
    pub meaning: bool,
    /// Line 5: what we were told is delivered for, without asking.
    pub confirmation: bool,
    /// Line 4: a known fact counts as news.
    pub repeats: bool,
    /// Line 4: facts of our own making are not held to the law.
    pub lawful: bool,
    /// Line 4: a refund is not held to what came in.
    pub refunds: bool,
}
