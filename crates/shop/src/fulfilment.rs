//! The fulfilment port: what happens once an order is paid and confirmed. Put yours here.

use async_trait::async_trait;
use orders::{Order, book::Confirmed};

/// Hands over what was bought.
///
/// It is called at least once for an order: again after a crash in between, and again once a person has decided what came
/// up while it ran. `key` is the same each time, for a warehouse or mail service that knows idempotency keys; do nothing
/// twice for one key.
#[async_trait]
pub trait Fulfilment: Send + Sync + 'static {
    /// Delivers an order. It takes nothing less than a [`Confirmed`] payment.
    async fn deliver(
        &self,
        key: &str,
        order: &Order,
        payment: &Confirmed,
    ) -> Result<(), FulfilmentError>;
}

/// Why nothing was delivered. It is tried again later.
#[derive(Debug, thiserror::Error)]
#[error("the delivery failed: {0}")]
pub struct FulfilmentError(pub String);

/// Delivers nothing but the record itself; with it the order's receipt opens.
pub struct RecordOnly;

#[async_trait]
impl Fulfilment for RecordOnly {
    async fn deliver(
        &self,
        _key: &str,
        order: &Order,
        payment: &Confirmed,
    ) -> Result<(), FulfilmentError> {
        tracing::info!(order = %order.no, trade = %payment.payment().trade_no, "delivered: the receipt is open");
        Ok(())
    }
}
