//! The store's side of [`Desk`].

use super::{
    SqliteLedger, cases, effects, lists, refunds,
    refunds::{By, by_person},
    trail,
};
use crate::{
    Actor, Desk, DeskError, ExceptionRow, LedgerError, NewRefund, Recorded, RefundMove, Refused,
    Topic, TrailRow,
};
use async_trait::async_trait;
use jiff::Timestamp;
use orders::{AttemptNo, Move, OrderNo, Refund, RefundNo};

impl SqliteLedger {
    /// Writes a person's or the shop's move of a refund, and tells those who listen.
    async fn desk<F>(&self, work: F) -> Result<Refund, DeskError>
    where
        F: FnOnce(&rusqlite::Connection) -> Result<Refund, DeskError> + Send + 'static,
    {
        let refund = self.writer.write(work).await?;
        self.announce(refund.order.clone(), true);
        Ok(refund)
    }

    async fn person(
        &self,
        no: &RefundNo,
        step: Move,
        word: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError> {
        let no = no.clone();
        self.desk(move |connection| by_person(connection, &no, step, &word, &actor, now))
            .await
    }
}

#[async_trait]
impl Desk for SqliteLedger {
    async fn request_refund(
        &self,
        new: NewRefund,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError> {
        self.desk(move |connection| refunds::request(connection, &new, &actor, now))
            .await
    }

    async fn approve_refund(
        &self,
        no: &RefundNo,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError> {
        self.person(no, Move::Approve, String::new(), actor, now)
            .await
    }

    async fn reject_refund(
        &self,
        no: &RefundNo,
        reason: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError> {
        self.person(no, Move::Reject, reason, actor, now).await
    }

    async fn finish_by_hand(
        &self,
        no: &RefundNo,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError> {
        let no = no.clone();
        self.desk(move |connection| {
            let refund = refunds::one(connection, &no)?.ok_or(DeskError::NotFound)?;
            // What is in doubt is resolved with a reason, not by this button.
            if refund.state != orders::RefundState::Reserved {
                return Err(DeskError::Moved);
            }
            by_person(connection, &no, Move::Succeed, "", &actor, now)
        })
        .await
    }

    async fn resolve_refund(
        &self,
        no: &RefundNo,
        happened: bool,
        reason: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError> {
        let no = no.clone();
        self.desk(move |connection| {
            refunds::resolve(connection, &no, happened, &reason, &actor, now)
        })
        .await
    }

    async fn decide_case(
        &self,
        n: i64,
        reason: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<ExceptionRow, DeskError> {
        let case = self
            .writer
            .write(move |connection| cases::decide(connection, n, &reason, &actor, now))
            .await?;
        if let Some(order) = &case.order {
            self.announce(order.clone(), true);
        }
        Ok(case)
    }

    async fn accept_late(
        &self,
        order: &OrderNo,
        stock: Vec<Option<u32>>,
        now: Timestamp,
    ) -> Result<bool, LedgerError> {
        let no = order.clone();
        let accepted = self
            .writer
            .write(move |connection| cases::accept_late(connection, &no, &stock, now))
            .await?;
        self.announce(order.clone(), accepted);
        Ok(accepted)
    }

    async fn cancel_order(
        &self,
        order: &OrderNo,
        reason: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Recorded, DeskError> {
        let no = order.clone();
        let recorded = self
            .writer
            .write(move |connection| cases::cancel(connection, &no, &reason, &actor, now))
            .await?;
        self.announce(order.clone(), true);
        Ok(recorded)
    }

    async fn move_refund(
        &self,
        seen: &Refund,
        step: RefundMove,
        now: Timestamp,
    ) -> Result<Refund, DeskError> {
        let seen = seen.clone();
        self.desk(move |connection| refunds::step(connection, &seen, &step, &By::Shop, now))
            .await
    }

    async fn put_off_refund(
        &self,
        seen: &Refund,
        word: String,
        due: Timestamp,
        counts: bool,
    ) -> Result<(), LedgerError> {
        let seen = seen.clone();
        self.writer
            .write(move |connection| refunds::put_off(connection, &seen, &word, due, counts))
            .await
    }

    async fn is_leaving(&self, order: &OrderNo, now: Timestamp) -> Result<bool, LedgerError> {
        let order = order.clone();
        self.read(move |connection| {
            effects::is_leased(connection, Topic::Deliver, order.as_str(), now)
        })
        .await
    }

    async fn due_refunds(&self, now: Timestamp, limit: u32) -> Result<Vec<Refund>, LedgerError> {
        self.read(move |connection| refunds::due(connection, now, limit))
            .await
    }

    async fn refund(&self, no: &RefundNo) -> Result<Option<Refund>, LedgerError> {
        let no = no.clone();
        self.read(move |connection| refunds::one(connection, &no))
            .await
    }

    async fn refunds(&self, order: &OrderNo) -> Result<Vec<Refund>, LedgerError> {
        let no = order.clone();
        self.read(move |connection| refunds::of_order(connection, &no))
            .await
    }

    async fn open_refunds(&self, limit: u32) -> Result<Vec<Refund>, LedgerError> {
        self.read(move |connection| refunds::open(connection, limit))
            .await
    }

    async fn case(&self, n: i64) -> Result<Option<ExceptionRow>, LedgerError> {
        self.read(move |connection| lists::case(connection, n))
            .await
    }

    async fn note_refusal(&self, refused: Refused, now: Timestamp) -> Result<bool, LedgerError> {
        self.writer
            .write(move |connection| cases::note_refusal(connection, &refused, now))
            .await
    }

    async fn trail(&self, order: &OrderNo) -> Result<Vec<TrailRow>, LedgerError> {
        let no = order.clone();
        self.read(move |connection| trail::of_order(connection, &no))
            .await
    }

    async fn attempts_since(
        &self,
        since: Timestamp,
        after: Option<AttemptNo>,
        limit: u32,
    ) -> Result<Vec<AttemptNo>, LedgerError> {
        self.read(move |connection| lists::attempts_since(connection, since, after.as_ref(), limit))
            .await
    }
}
