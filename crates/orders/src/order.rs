//! What was agreed at checkout. None of it changes afterwards.

use crate::{AttemptNo, MemberId, OrderNo, ProductId, Twd};
use jiff::Timestamp;

/// Something for sale, as the owner's catalogue says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The owner's id of it.
    pub id: ProductId,
    /// What it is called.
    pub name: String,
    /// What is said about it.
    pub description: String,
    /// What one costs.
    pub price: Twd,
    /// Path or `https` address of a picture; empty where there is none.
    pub image: String,
    /// How many may be sold in all; `None` where there is no limit. What orders hold is counted against it.
    pub stock: Option<u32>,
    /// Whether it is offered.
    pub active: bool,
}

/// One line of an order, with the price of that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which product.
    pub product: ProductId,
    /// What it was called when it was ordered.
    pub name: String,
    /// What one cost when it was ordered.
    pub unit_price: Twd,
    /// How many, from 1.
    pub quantity: u32,
}

impl Line {
    /// Returns the line's amount, or `None` where it is no amount.
    #[must_use]
    pub fn amount(&self) -> Option<Twd> {
        self.unit_price.checked_mul(self.quantity)
    }
}

/// An order as it was placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its public number.
    pub no: OrderNo,
    /// Whose it is.
    pub member: MemberId,
    /// What was ordered; at least one line.
    pub lines: Vec<Line>,
    /// What it costs: the sum of the lines at that moment.
    pub amount: Twd,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When the offer ends unless a payment number with a later deadline was issued.
    pub expires_at: Timestamp,
}

/// One attempt to pay an order: one visit to the gateway's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Its number at the gateway.
    pub no: AttemptNo,
    /// When it was made.
    pub made_at: Timestamp,
}

/// Returns the sum of the lines, or `None` where there are none or the sum is no amount.
#[must_use]
pub fn total(lines: &[Line]) -> Option<Twd> {
    let mut amounts = lines.iter().map(Line::amount);
    let first = amounts.next()??;
    amounts.try_fold(first, |sum, amount| sum.checked_add(amount?))
}
