//! Money that comes after an order has expired, where `[late]` lets the shop decide by itself.

use crate::{app::App, settings::LatePayments};
use jiff::Timestamp;
use ledger::LedgerError;
use orders::{AttemptNo, Source, book::Late};

/// Looks at an order that waits for a person: asks the gateway where it has not confirmed the money, and lets the order go
/// on where it has. What was cancelled, came twice or is no longer sold goes on waiting.
pub(crate) async fn consider(
    app: &App,
    attempt: &AttemptNo,
    source: Source,
    now: Timestamp,
) -> Result<(), LedgerError> {
    if app.settings.shop.late != LatePayments::Accept {
        return Ok(());
    }
    let Some(book) = app.ledger.book(attempt.order()).await? else {
        return Ok(());
    };
    match book.late() {
        None => Ok(()),
        // The answer to a question is no reason to put it again at once.
        Some(Late::Unconfirmed) if source == Source::Query => Ok(()),
        Some(Late::Unconfirmed) => {
            app.ledger.ask_at(attempt, now).await?;
            app.wake.notify_waiters();
            Ok(())
        }
        Some(Late::Confirmed(_)) => {
            let mut stock = Vec::new();
            for line in &book.order().lines {
                // What is not sold any more is not delivered by itself.
                let Some(product) = app.catalogue.offered(line.product.as_str()) else {
                    return Ok(());
                };
                stock.push(product.stock);
            }
            let no = attempt.order();
            if app.ledger.accept_late(no, stock, now).await? {
                tracing::info!(order = %no, "late money was confirmed, and the order goes on by the shop's rule");
                app.wake.notify_waiters();
            }
            Ok(())
        }
    }
}
