//! Refunds to die over: asked for while the shop is closed, so that its next life sends them.

use crate::{
    judge::read_only,
    report::Proof,
    street::{OWNER, Street},
};
use anyhow::{Context, Result};
use jiff::Timestamp;
use ledger::{Actor, Desk, NewRefund, SqliteLedger};
use orders::{How, MemberId, RefundNo, Twd};
use rusqlite::OptionalExtension;

/// Asks for a refund of one dollar of a card payment that was delivered and has none yet, in the owner's name.
pub(crate) async fn ask_for_one(street: &Street, proof: &mut Proof) -> Result<()> {
    let now = Timestamp::now();
    let found = {
        let ledger = read_only(&street.ledger())?;
        let owner = ledger
            .query_row(
                "SELECT s.issuer, s.sub, s.id_hash FROM sessions s JOIN members m ON m.issuer = s.issuer AND m.sub = s.sub
                 WHERE m.email = ?1",
                [OWNER],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let payment: Option<(String, String)> = ledger
            .query_row(
                "SELECT p.order_no, p.trade_no FROM payments p JOIN deliveries USING (order_no) JOIN facts f ON f.order_no = p.order_no AND f.source = 'query'
                 AND f.kind = 'paid' AND json_extract(f.body, '$.method') = 'card'
                 WHERE NOT EXISTS (SELECT 1 FROM refunds r WHERE r.trade_no = p.trade_no) LIMIT 1",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        owner.zip(payment)
    };
    let Some(((issuer, sub, session), (order, trade_no))) = found else {
        proof.count("nothing_to_refund_yet", 1);
        return Ok(());
    };
    let actor = Actor {
        member: MemberId { issuer, sub },
        session,
        signed_in_since: Timestamp::UNIX_EPOCH,
        admins: vec![OWNER.to_owned()],
    };
    let no = RefundNo::mint(rand::random());
    let new = NewRefund {
        form_key: no.to_string(),
        no,
        order: order.parse().ok().context("an order number")?,
        trade_no: trade_no.parse().ok().context("a trade number")?,
        amount: Twd::new(1)?,
        how: How::Gateway,
        reason: "試一試".to_owned(),
        alone_up_to: u32::MAX,
    };
    SqliteLedger::open(&street.ledger())?
        .request_refund(new, actor, now)
        .await?;
    Ok(())
}
