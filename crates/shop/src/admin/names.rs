//! Who people are, as the back office names them.

use crate::{app::App, view::when};
use ledger::{CaseDecision, LedgerError};
use orders::MemberId;
use pages::Decision;

/// Returns a member's address; their name, or the account's, where there is none.
pub(super) async fn member(app: &App, id: &MemberId) -> Result<String, LedgerError> {
    let (shop, _) = ledger::desk::LATE_RULE;
    if id.issuer == shop {
        return Ok(shop.to_owned());
    }
    let member = app.ledger.member(id).await?;
    Ok(member
        .and_then(|member| member.email.or(member.name))
        .unwrap_or_else(|| id.sub.clone()))
}

/// Returns who acted, as the trail has it: a member, the shop or the gateway.
pub(super) async fn actor(app: &App, actor: String) -> Result<String, LedgerError> {
    match actor.parse::<MemberId>() {
        Ok(id) => member(app, &id).await,
        Err(_) => Ok(actor),
    }
}

/// Returns what was decided, with the name of who did.
pub(super) async fn decision(app: &App, made: &CaseDecision) -> Result<Decision, LedgerError> {
    Ok(Decision {
        by: member(app, &made.by).await?,
        at: when(made.at),
        reason: made.reason.clone(),
    })
}
