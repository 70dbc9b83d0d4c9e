//! Who may act, asked in the very transaction that the act is written in.

use super::{open::store_error, persons};
use crate::{Actor, DeskError, desk::ADMIN_NOTE};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

/// The session lives, its sign-in is fresh, and the member's verified address is listed and bound to this account.
pub(super) fn check(
    connection: &Connection,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), DeskError> {
    let found = persons::session(connection, &actor.session)?;
    let Some((session, member)) =
        found.filter(|(session, _)| session.member == actor.member && now < session.expires)
    else {
        return Err(DeskError::Forbidden);
    };
    let listed = member
        .email
        .filter(|email| member.email_verified && actor.admins.contains(email))
        .ok_or(DeskError::Forbidden)?;
    let bound: Option<String> = connection
        .prepare_cached("SELECT body FROM notes WHERE name = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([format!("{ADMIN_NOTE}{listed}")], |row| row.get(0))
                .optional()
        })
        .map_err(store_error("read a note"))?;
    if bound != Some(actor.member.to_string()) {
        return Err(DeskError::Forbidden);
    }
    if session.signed_in < actor.signed_in_since {
        return Err(DeskError::SignInAgain);
    }
    Ok(())
}
