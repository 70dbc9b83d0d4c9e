//! Where an order and an attempt stand. Both are folds over facts, never stored as a truth of their own.

use std::{fmt, str::FromStr};

/// Where an order stands. The names are part of the contract with outside programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Placed; nothing was paid, nothing waits for a transfer.
    Pending,
    /// A payment number was issued.
    AwaitingTransfer,
    /// The gateway says that it is paid.
    Paid,
    /// Paid, confirmed by asking the gateway, and delivered.
    Fulfilled,
    /// A person must decide; nothing happens by itself.
    Review,
    /// Some of the money was given back.
    PartiallyRefunded,
    /// All of the money was given back.
    Refunded,
    /// The offer ended unpaid.
    Expired,
    /// Cancelled before it was paid.
    Cancelled,
}

impl Status {
    /// Every status there is.
    pub const ALL: [Self; 9] = [
        Self::Pending,
        Self::AwaitingTransfer,
        Self::Paid,
        Self::Fulfilled,
        Self::Review,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::Expired,
        Self::Cancelled,
    ];

    /// Returns the contract's name of it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::AwaitingTransfer => "awaiting_transfer",
            Self::Paid => "paid",
            Self::Fulfilled => "fulfilled",
            Self::Review => "review",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns whether the order still takes part of a product's stock.
    #[must_use]
    pub fn holds_stock(self) -> bool {
        !matches!(self, Self::Expired | Self::Cancelled | Self::Refunded)
    }

    /// Returns whether an edge leads from here to `next`. New knowledge may skip stations (a lost notice, a late
    /// one), but money once known is never unknown again, and goods once delivered stay delivered.
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        match self {
            // From review a person's decision leads to whatever else is known.
            Self::Pending | Self::AwaitingTransfer | Self::Review => true,
            Self::Paid => matches!(
                next,
                Self::Paid
                    | Self::Fulfilled
                    | Self::Review
                    | Self::PartiallyRefunded
                    | Self::Refunded
            ),
            Self::Fulfilled => matches!(
                next,
                Self::Fulfilled | Self::PartiallyRefunded | Self::Refunded
            ),
            // Another payment may become known after a refund.
            Self::PartiallyRefunded | Self::Refunded => matches!(
                next,
                Self::PartiallyRefunded | Self::Refunded | Self::Review | Self::Fulfilled
            ),
            Self::Expired | Self::Cancelled => {
                matches!(
                    next,
                    Self::Review | Self::PartiallyRefunded | Self::Refunded
                ) || self == next
            }
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = crate::ids::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(crate::ids::IdError {
                what: "order status",
            })
    }
}

/// Where one attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttemptState {
    /// The form was served; nothing was heard yet.
    HandedOver,
    /// The buyer came back, or the gateway does not know yet.
    Confirming,
    /// A payment number was issued.
    Issued,
    /// Paid.
    Captured,
    /// Failed.
    Failed,
    /// The authorisation was cancelled.
    Voided,
    /// The payment number's deadline passed.
    Lapsed,
}
