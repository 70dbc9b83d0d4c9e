//! Members, sessions and sign-ins, on an open connection.

use super::{
    books::{enqueue, time},
    open::store_error,
};
use crate::{LedgerError, Member, SessionRow, SignInRow, Topic};
use jiff::Timestamp;
use orders::MemberId;
use rusqlite::{Connection, OptionalExtension, params};

/// How long effects that were carried out are kept to be looked at: 30 days.
const DONE_KEPT_MS: i64 = 30 * 24 * 3600 * 1000;

type Result<T> = std::result::Result<T, LedgerError>;

pub(super) fn save(connection: &Connection, member: &Member, now: Timestamp) -> Result<()> {
    let before = load(connection, &member.id)?;
    connection
        .prepare_cached(
            "INSERT INTO members (issuer, sub, email, email_verified, name, picture, first_seen_ms, last_seen_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
             ON CONFLICT (issuer, sub) DO UPDATE SET email = excluded.email, email_verified = excluded.email_verified,
             name = excluded.name, picture = excluded.picture, last_seen_ms = excluded.last_seen_ms",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                member.id.issuer,
                member.id.sub,
                member.email,
                member.email_verified,
                member.name,
                member.picture,
                now.as_millisecond()
            ])
        })
        .map_err(store_error("write a member"))?;
    if before.as_ref() != Some(member) {
        enqueue(
            connection,
            Topic::SheetMember,
            &format!("{} {}", member.id.issuer, member.id.sub),
            now,
        )?;
    }
    Ok(())
}

pub(super) fn load(connection: &Connection, id: &MemberId) -> Result<Option<Member>> {
    connection
        .prepare_cached("SELECT email, email_verified, name, picture FROM members WHERE issuer = ?1 AND sub = ?2")
        .and_then(|mut statement| {
            statement
                .query_row(params![id.issuer, id.sub], |row| {
                    Ok(Member {
                        id: id.clone(),
                        email: row.get(0)?,
                        email_verified: row.get(1)?,
                        name: row.get(2)?,
                        picture: row.get(3)?,
                    })
                })
                .optional()
        })
        .map_err(store_error("read a member"))
}

pub(super) fn start_session(
    connection: &Connection,
    session: &SessionRow,
    replaces: Option<&str>,
) -> Result<()> {
    if let Some(replaced) = replaces {
        end_session(connection, replaced)?;
    }
    connection
        .prepare_cached(
            "INSERT INTO sessions (id_hash, issuer, sub, signed_in_ms, seen_ms, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                session.id_hash,
                session.member.issuer,
                session.member.sub,
                session.signed_in.as_millisecond(),
                session.seen.as_millisecond(),
                session.expires.as_millisecond()
            ])
        })
        .map_err(store_error("start a session"))?;
    Ok(())
}

pub(super) fn session(
    connection: &Connection,
    id_hash: &str,
) -> Result<Option<(SessionRow, Member)>> {
    let found: Option<(MemberId, i64, i64, i64)> = connection
        .prepare_cached("SELECT issuer, sub, signed_in_ms, seen_ms, expires_ms FROM sessions WHERE id_hash = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([id_hash], |row| {
                    Ok((MemberId { issuer: row.get(0)?, sub: row.get(1)? }, row.get(2)?, row.get(3)?, row.get(4)?))
                })
                .optional()
        })
        .map_err(store_error("read a session"))?;
    let Some((id, signed_in, seen, expires)) = found else {
        return Ok(None);
    };
    let member = load(connection, &id)?.ok_or(LedgerError::Unreadable("member"))?;
    let (signed_in, seen, expires) = (time(signed_in)?, time(seen)?, time(expires)?);
    Ok(Some((
        SessionRow {
            id_hash: id_hash.to_owned(),
            member: id,
            signed_in,
            seen,
            expires,
        },
        member,
    )))
}

pub(super) fn touch_session(connection: &Connection, id_hash: &str, now: Timestamp) -> Result<()> {
    connection
        .prepare_cached("UPDATE sessions SET seen_ms = ?2 WHERE id_hash = ?1")
        .and_then(|mut statement| statement.execute(params![id_hash, now.as_millisecond()]))
        .map_err(store_error("note a session's use"))?;
    Ok(())
}

pub(super) fn end_session(connection: &Connection, id_hash: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM sessions WHERE id_hash = ?1")
        .and_then(|mut statement| statement.execute([id_hash]))
        .map_err(store_error("end a session"))?;
    Ok(())
}

pub(super) fn begin_sign_in(connection: &Connection, row: &SignInRow) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO sign_ins (id_hash, state, nonce, verifier, next, expires_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                row.id_hash,
                row.state,
                row.nonce,
                row.verifier,
                row.next,
                row.expires.as_millisecond()
            ])
        })
        .map_err(store_error("begin a sign-in"))?;
    Ok(())
}

pub(super) fn take_sign_in(connection: &Connection, id_hash: &str) -> Result<Option<SignInRow>> {
    let taken: Option<(String, String, String, String, i64)> = connection
        .prepare_cached("DELETE FROM sign_ins WHERE id_hash = ?1 RETURNING state, nonce, verifier, next, expires_ms")
        .and_then(|mut statement| {
            statement
                .query_row([id_hash], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
                .optional()
        })
        .map_err(store_error("take a sign-in"))?;
    let Some((state, nonce, verifier, next, expires)) = taken else {
        return Ok(None);
    };
    Ok(Some(SignInRow {
        id_hash: id_hash.to_owned(),
        state,
        nonce,
        verifier,
        next,
        expires: time(expires)?,
    }))
}

pub(super) fn sweep(connection: &Connection, now: Timestamp) -> Result<()> {
    for sql in [
        "DELETE FROM sessions WHERE expires_ms < ?1",
        "DELETE FROM sign_ins WHERE expires_ms < ?1",
    ] {
        connection
            .execute(sql, [now.as_millisecond()])
            .map_err(store_error("forget what has ended"))?;
    }
    // A delivery's row stays: it is what keeps a second one from being made.
    connection
        .execute(
            "DELETE FROM outbox WHERE state = 'done' AND topic <> 'deliver' AND made_at_ms < ?1",
            [now.as_millisecond() - DONE_KEPT_MS],
        )
        .map_err(store_error("forget what was carried out"))?;
    Ok(())
}
