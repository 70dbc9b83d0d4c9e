//! Who may come into the back office, and who may act in it.

use crate::{app::App, asked::Asked, error::Failure, form::Form, session::Signed};
use jiff::{SignedDuration, Timestamp};
use ledger::{Actor, LedgerError, Member};
use pages::Problem;

/// Returns whether a member may enter: the address is on the list and the provider vouches for it.
#[must_use]
pub fn may_enter(app: &App, member: &Member) -> bool {
    let listed = |email: &String| app.settings.admin_emails.iter().any(|known| known == email);
    member.email_verified && member.email.as_ref().is_some_and(listed)
}

fn note_name(email: &str) -> String {
    format!("{}{email}", ledger::desk::ADMIN_NOTE)
}

/// Binds a back-office address to the account that first signed in with it: addresses change hands, accounts do not.
///
/// # Errors
/// The ledger's.
pub async fn bind_address(app: &App, member: &Member) -> Result<(), LedgerError> {
    let Some(email) = member.email.as_ref().filter(|_| may_enter(app, member)) else {
        return Ok(());
    };
    if app.ledger.noted(&note_name(email)).await?.is_none() {
        let account = member.id.to_string();
        app.ledger
            .note(&note_name(email), account, app.clock.now())
            .await?;
    }
    Ok(())
}

/// Lets in whoever may enter; to everybody else the back office does not exist.
pub(crate) async fn enter(asked: &Asked) -> Result<&Signed, Failure> {
    let signed = asked.member()?;
    #[cfg(feature = "ablation")]
    if asked.app.ablated.meaning {
        return Ok(signed);
    }
    let member = &signed.member;
    let Some(email) = member
        .email
        .as_ref()
        .filter(|_| may_enter(&asked.app, member))
    else {
        return Err(Problem::NotFound.into());
    };
    let bound = asked.app.ledger.noted(&note_name(email)).await?;
    let account = member.id.to_string();
    if bound.is_some_and(|(bound, _)| bound == account) {
        Ok(signed)
    } else {
        Err(Problem::NotFound.into())
    }
}

/// Lets in whoever may enter and sent a form of this session's.
pub(super) async fn enter_with<'a>(asked: &'a Asked, form: &Form) -> Result<&'a Signed, Failure> {
    enter(asked).await?;
    asked.member_with(form.get("csrf"))
}

/// The oldest sign-in that may move money or close a case now.
fn fresh_since(app: &App) -> Timestamp {
    let fresh = SignedDuration::try_from(app.settings.shop.refunds.sign_in);
    app.clock.now() - fresh.unwrap_or(SignedDuration::ZERO)
}

/// Returns how many minutes a sign-in counts as fresh, where this one is older.
pub(super) fn sign_in_again(app: &App, signed: &Signed) -> Option<u32> {
    #[cfg(feature = "ablation")]
    if app.ablated.authenticity {
        return None;
    }
    let minutes = app.settings.shop.refunds.sign_in.as_secs() / 60;
    (signed.signed_in < fresh_since(app)).then(|| u32::try_from(minutes).unwrap_or(u32::MAX))
}

/// Returns who acts. The ledger holds them to the same rules once more, in the transaction that the act is written in.
pub(super) fn actor(app: &App, signed: &Signed) -> Actor {
    Actor {
        member: signed.member.id.clone(),
        session: signed.id_hash.clone(),
        signed_in_since: fresh_since(app),
        admins: app.settings.admin_emails.clone(),
    }
}
