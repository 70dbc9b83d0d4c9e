//! The seven steps of a payment. The code's files, the log field `step`, the explorer and the book share these names.

/// One step on the way of a payment, in the order in which they happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Google proves who is shopping.
    SignIn,
    /// The catalogue says what there is and what it costs.
    Choose,
    /// The order is written down, its amount fixed for good.
    PlaceOrder,
    /// The sealed form takes the buyer to the gateway.
    HandOver,
    /// The gateway tells us what happened, server to server.
    Notified,
    /// The buyer's browser comes back.
    Return,
    /// We ask the gateway ourselves.
    Reconcile,
}

impl Step {
    /// Returns the step's name, as it stands in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Choose => "choose",
            Self::PlaceOrder => "place_order",
            Self::HandOver => "hand_over",
            Self::Notified => "notified",
            Self::Return => "return",
            Self::Reconcile => "reconcile",
        }
    }
}
