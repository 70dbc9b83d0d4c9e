//! Step 1. Google proves who is shopping (OpenID Connect, code flow with state, nonce and PKCE).

use crate::{
    asked::{Asked, see},
    entropy,
    error::{Failure, message},
    form::Form,
    seen::{Seen, without_secrets},
    session,
};
use axum::{
    body::Bytes,
    extract::RawQuery,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use axum_extra::extract::cookie::CookieJar;
use google::sign_in::{Authentic, Callback, Evidence, Identity, Pending, Prompt, SignInError};
use jiff::{SignedDuration, Timestamp};
use ledger::{
    Member, SignInRow,
    traffic::{Kind, Subject},
};
use orders::MemberId;
use pages::{MessageView, Problem, SignInProblem, SignInProblemView};

const FLOW_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// `GET /auth/google?next=PATH`: takes the browser to Google.
pub(crate) async fn begin(asked: Asked, RawQuery(query): RawQuery, jar: CookieJar) -> Response {
    let query = query.unwrap_or_default();
    let wanted = |name: &str| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let next = local_path(wanted("next").as_deref().unwrap_or("/"));
    let prompt = if wanted("account").as_deref() == Some("choose") {
        Prompt::SelectAccount
    } else {
        Prompt::Automatic
    };
    let begun = match asked
        .app
        .sign_in
        .begin(entropy::bytes::<96>(), prompt)
        .await
    {
        Ok(begun) => begun,
        Err(error) => return refused(&asked, &error),
    };
    let value = entropy::name();
    let row = SignInRow {
        id_hash: asked.app.cookies.keyed("sign-in", &value),
        state: begun.pending.state().to_owned(),
        nonce: begun.pending.nonce().to_owned(),
        verifier: begun.pending.verifier().to_owned(),
        next,
        expires: asked.app.clock.now() + FLOW_LIFE,
    };
    let cookie = asked.app.cookies.make(
        &flow_cookie(&asked, begun.pending.state()),
        value,
        FLOW_LIFE,
    );
    let result = async {
        asked.app.ledger.begin_sign_in(row).await?;
        Ok::<_, Failure>((jar.add(cookie), see(&begun.authorize_url)))
    }
    .await;
    asked.answer(result)
}

/// One cookie for each sign-in under way, so that two tabs do not take each other's.
fn flow_cookie(asked: &Asked, state: &str) -> String {
    let name = asked.app.cookies.keyed("flow", state);
    format!("signin-{}", name.get(..12).unwrap_or_default())
}

/// `GET /auth/google/callback`: Google sends the browser back.
pub(crate) async fn callback(asked: Asked, RawQuery(query): RawQuery, jar: CookieJar) -> Response {
    let callback = match Callback::parse(query.as_deref().unwrap_or_default()) {
        Ok(callback) => callback,
        Err(error) => return refused(&asked, &error),
    };
    let name = flow_cookie(&asked, callback.state());
    let Some(cookie) = jar.get(&asked.app.cookies.name(&name)) else {
        return refused(&asked, &SignInError::State);
    };
    let id_hash = asked.app.cookies.keyed("sign-in", cookie.value());
    // Taken out before anything else: what was begun once ends once.
    let row = match asked.app.ledger.take_sign_in(&id_hash).await {
        Ok(Some(row)) if row.expires > asked.app.clock.now() => row,
        Ok(_) => return refused(&asked, &SignInError::State),
        Err(error) => return asked.answer::<Response>(Err(error.into())),
    };
    let jar = jar.add(asked.app.cookies.forget(&name));
    let pending = Pending::restore(row.state, row.nonce, row.verifier);
    let at = asked.app.clock.now();
    match asked
        .app
        .sign_in
        .finish_and_show(&pending, callback, at)
        .await
    {
        Ok((identity, evidence)) => {
            #[cfg(feature = "crash-points")]
            crash_points::at("K19");
            let query = query.as_deref().unwrap_or_default();
            seen(&asked, (query, at), &identity, &evidence);
            let welcomed = welcome(&asked, identity, &jar).await;
            asked.app.metrics.sign_ins.with_label_values(&["ok"]).inc();
            let next = row.next;
            asked.answer(welcomed.map(|session| (jar.add(session), see(&next))))
        }
        Err(error) => (jar, refused(&asked, &error)).into_response(),
    }
}

/// Keeps the sign-in for those who look: the callback without its code, and how the code became a token. The token as it
/// came is kept of the sandbox's make-believe people only.
fn seen(asked: &Asked, (query, at): (&str, Timestamp), identity: &Identity, evidence: &Evidence) {
    let app = &asked.app;
    let member = MemberId {
        issuer: identity.issuer.clone(),
        sub: identity.sub.clone(),
    };
    let answer = evidence.answer(app.sandbox.is_some());
    let (came, asked_for) = (without_secrets(query.as_bytes()), evidence.request());
    let hops: [(Kind, &str, &[u8], &[u8]); 2] = [
        (Kind::SignIn, "/auth/google/callback", &came, b""),
        (
            Kind::Token,
            evidence.endpoint(),
            asked_for.as_bytes(),
            answer.as_bytes(),
        ),
    ];
    for (kind, path, sent, answer) in hops {
        app.keep(Seen {
            subject: Subject::Member(member.clone()),
            kind,
            at,
            path,
            sent,
            answer,
            verdict: "believed",
            outcome: "",
        });
    }
}

async fn welcome(
    asked: &Asked,
    identity: Authentic<Identity>,
    jar: &CookieJar,
) -> Result<axum_extra::extract::cookie::Cookie<'static>, Failure> {
    let identity = identity.into_inner();
    let member = Member {
        id: MemberId {
            issuer: identity.issuer,
            sub: identity.sub,
        },
        email: identity.email.map(|email| email.as_str().to_owned()),
        email_verified: identity.email_verified,
        name: identity.name,
        picture: identity.picture,
    };
    let id = member.id.clone();
    asked
        .app
        .ledger
        .save_member(member.clone(), asked.app.clock.now())
        .await?;
    crate::admin::bind_address(&asked.app, &member).await?;
    asked.app.wake.notify_waiters();
    Ok(session::start(&asked.app, id, jar).await?)
}

/// `POST /auth/logout`: ends the session here. Google has no sign-out of its own to call.
pub(crate) async fn sign_out(asked: Asked, jar: CookieJar, body: Bytes) -> Response {
    let result = async {
        let form = Form::read(&body, &["csrf"])?;
        let signed = asked.member_with(form.get("csrf"))?;
        asked.app.ledger.end_session(&signed.id_hash).await?;
        Ok((jar.add(asked.app.cookies.forget("session")), see("/")))
    }
    .await;
    asked.answer(result)
}

fn refused(asked: &Asked, error: &SignInError) -> Response {
    asked
        .app
        .metrics
        .sign_ins
        .with_label_values(&[error.code()])
        .inc();
    let problem = if matches!(error, SignInError::Cancelled) {
        SignInProblem::Cancelled
    } else if matches!(
        error,
        SignInError::State | SignInError::CodeRefused | SignInError::Callback(_)
    ) {
        SignInProblem::Expired
    } else if matches!(
        error,
        SignInError::ProviderDown(_) | SignInError::ProviderAnswer(_) | SignInError::ClientRefused
    ) {
        SignInProblem::Unavailable
    } else {
        SignInProblem::Rejected
    };
    if problem == SignInProblem::Unavailable {
        tracing::warn!(request = %asked.request_id, step = "sign_in", error = %error, "sign-in is not possible");
    } else {
        tracing::info!(request = %asked.request_id, step = "sign_in", code = error.code(), "sign-in refused");
    }
    let mut shell = asked.shell();
    // The page's links must not repeat this address: it holds Google's code.
    "/".clone_into(&mut shell.path);
    let view = SignInProblemView {
        problem,
        retry_url: "/auth/google?account=choose".to_owned(),
        request_id: Some(asked.request_id.to_string()),
    };
    let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
    match pages::sign_in_problem(&shell, &view) {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => message(&shell, &MessageView::of(Problem::BadRequest, shell.lang)),
    }
}

/// Returns a path of ours, or the first page for whatever might lead elsewhere.
pub(crate) fn local_path(wanted: &str) -> String {
    let plain = wanted.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let ours =
        wanted.starts_with('/') && !wanted.starts_with("//") && !wanted.starts_with("/auth/");
    if plain && ours && wanted.len() <= 512 {
        wanted.to_owned()
    } else {
        "/".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn the_way_back_stays_in_the_house() {
        for bad in [
            "//evil",
            "/\\evil",
            "\\/\\/evil",
            "https:evil",
            "https://evil",
            "javascript:alert(1)",
            "",
            "evil",
            "/a\r\nLocation: x",
            "/auth/google?next=/",
        ] {
            assert_eq!(local_path(bad), "/", "{bad:?}");
        }
        assert_eq!(local_path("/orders/1?x=y"), "/orders/1?x=y");
    }
}
