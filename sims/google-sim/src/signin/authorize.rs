//! The authorization request (OpenID Connect Core 3.1.2) and what the account's choice makes of it.

use crate::clock::Millis;
use crate::faults::FaultKind;
use crate::respond::Params;
use crate::settings::{Account, OAuthClient};
use crate::world::World;

/// A code lives ten minutes and is good once.
const CODE_LIFETIME_MS: Millis = 600_000;

/// What a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct AuthCode {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) sub: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
    pub(crate) offline: bool,
    pub(crate) expires: Millis,
}

/// PKCE (RFC 7636).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Challenge {
    S256(String),
    Plain(String),
}

/// An authorization request that Google would show its chooser for.
#[derive(Debug)]
pub(crate) struct AuthRequest {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    state: Option<String>,
    nonce: Option<String>,
    challenge: Option<Challenge>,
    scopes: Vec<String>,
    pub(crate) login_hint: Option<String>,
    prompt: Vec<String>,
    offline: bool,
    hosted_domain: Option<String>,
}

/// Why there is no chooser.
#[derive(Debug)]
pub(crate) enum Rejected {
    /// Google's own error page: the client or its redirect address cannot be trusted.
    Page {
        status: u16,
        error: &'static str,
        detail: String,
    },
    /// Back to the client.
    Redirect(String),
}

impl AuthRequest {
    /// Checks a request as Google does: first what decides whether the redirect can be trusted.
    pub(crate) fn parse(world: &World, query: &Params) -> Result<Self, Rejected> {
        let client = trusted_client(world, query)?;
        let redirect_uri = query.get("redirect_uri").unwrap_or_default().to_owned();
        let state = query.get("state").map(str::to_owned);
        let back = |error: &str| {
            Rejected::Redirect(callback(
                &redirect_uri,
                state.as_deref(),
                &[("error", error)],
            ))
        };
        let bad = |detail: &str| invalid_request(detail.to_owned());
        let names = [
            "client_id",
            "redirect_uri",
            "response_type",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "code_challenge_method",
        ];
        if let Some(name) = query.repeated(&names) {
            return Err(invalid_request(format!(
                "OAuth 2 parameters can only have a single value: {name}"
            )));
        }
        match query.get("response_type") {
            Some("code") => {}
            None => return Err(bad("Required parameter is missing: response_type")),
            Some(_) => {
                return Err(bad(
                    "The sandbox speaks the code flow only: response_type must be code",
                ));
            }
        }
        let scopes: Vec<String> = query
            .get("scope")
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        if scopes.is_empty() {
            return Err(bad("Missing required parameter: scope"));
        }
        if let Some(unknown) = scopes.iter().find(|s| !known_scope(s)) {
            return Err(Rejected::Page {
                status: 400,
                error: "invalid_scope",
                detail: format!("Some requested scopes were invalid: {unknown}"),
            });
        }
        let challenge = pkce(query)?;
        let prompt = prompts(query)?;
        if prompt.iter().any(|p| p == "none") {
            return Err(back("interaction_required"));
        }
        Ok(Self {
            client_id: client.id.clone(),
            state,
            nonce: query.get("nonce").map(str::to_owned),
            challenge,
            scopes,
            login_hint: query.get("login_hint").map(str::to_owned),
            prompt,
            offline: query.get("access_type") == Some("offline"),
            hosted_domain: query.get("hd").map(str::to_owned),
            redirect_uri,
        })
    }

    /// Whether the chooser offers this account: `hd` narrows it, as a convenience only.
    pub(crate) fn offers(&self, account: &Account) -> bool {
        match self.hosted_domain.as_deref() {
            None => true,
            Some("*") => account.hosted_domain.is_some(),
            Some(domain) => account.hosted_domain.as_deref() == Some(domain),
        }
    }

    /// Whether the hint names this account.
    pub(crate) fn hints_at(&self, account: &Account) -> bool {
        self.login_hint
            .as_deref()
            .is_some_and(|h| h == account.sub || h.eq_ignore_ascii_case(&account.email))
    }
}

/// The redirect that follows when a person picks `account`, or cancels with `None`.
pub(crate) fn decide(
    world: &World,
    query: &Params,
    account: Option<&Account>,
) -> Result<String, Rejected> {
    let request = AuthRequest::parse(world, query)?;
    let mut world_state = world.lock();
    let mut state = request.state.clone();
    if world_state
        .faults
        .lie("oauth2.authorize", FaultKind::WrongState)
        .is_some()
    {
        state = Some(world_state.random(16));
    }
    let Some(account) = account else {
        return Ok(callback(
            &request.redirect_uri,
            state.as_deref(),
            &[("error", "access_denied")],
        ));
    };
    let code = format!("4/0A{}", world_state.random(54));
    let now = world_state.now();
    let scopes = granted(&request.scopes);
    let shown = scopes.join(" ");
    world_state.codes.retain(|_, c| c.expires > now);
    world_state.codes.insert(
        code.clone(),
        AuthCode {
            client_id: request.client_id,
            redirect_uri: request.redirect_uri.clone(),
            sub: account.sub.clone(),
            scopes,
            nonce: request.nonce,
            challenge: request.challenge,
            offline: request.offline,
            expires: now.saturating_add(CODE_LIFETIME_MS),
        },
    );
    let prompt = if request.prompt.is_empty() {
        "none".to_owned()
    } else {
        request.prompt.join(" ")
    };
    let mut pairs = vec![
        ("code", code.as_str()),
        ("scope", shown.as_str()),
        ("authuser", "0"),
    ];
    if let Some(domain) = &account.hosted_domain {
        pairs.push(("hd", domain));
    }
    pairs.push(("prompt", &prompt));
    Ok(callback(&request.redirect_uri, state.as_deref(), &pairs))
}

fn trusted_client<'a>(world: &'a World, query: &Params) -> Result<&'a OAuthClient, Rejected> {
    let id = query
        .get("client_id")
        .ok_or_else(|| invalid_request("Missing required parameter: client_id".to_owned()))?;
    let client = world.settings.client(id).ok_or_else(|| Rejected::Page {
        status: 401,
        error: "invalid_client",
        detail: "The OAuth client was not found.".to_owned(),
    })?;
    let uri = query
        .get("redirect_uri")
        .ok_or_else(|| invalid_request("Missing required parameter: redirect_uri".to_owned()))?;
    if !client.allows_redirect(uri) {
        return Err(Rejected::Page {
            status: 400,
            error: "redirect_uri_mismatch",
            detail: format!("redirect_uri={uri}"),
        });
    }
    Ok(client)
}

/// The values of `prompt`; `none` must stand alone.
fn prompts(query: &Params) -> Result<Vec<String>, Rejected> {
    let known = ["none", "consent", "select_account"];
    let prompt: Vec<String> = query
        .get("prompt")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    let unknown = prompt.iter().any(|p| !known.contains(&p.as_str()));
    if unknown || (prompt.len() > 1 && prompt.iter().any(|p| p == "none")) {
        return Err(invalid_request(format!(
            "Invalid parameter value for prompt: {}",
            prompt.join(" ")
        )));
    }
    Ok(prompt)
}

fn pkce(query: &Params) -> Result<Option<Challenge>, Rejected> {
    let Some(challenge) = query.get("code_challenge") else {
        return match query.get("code_challenge_method") {
            None => Ok(None),
            Some(_) => Err(invalid_request(
                "code_challenge_method without code_challenge".to_owned(),
            )),
        };
    };
    let fits = (43..=128).contains(&challenge.len())
        && challenge
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    if !fits {
        return Err(invalid_request(
            "Invalid parameter value for code_challenge".to_owned(),
        ));
    }
    match query.get("code_challenge_method") {
        Some("S256") => Ok(Some(Challenge::S256(challenge.to_owned()))),
        None | Some("plain") => Ok(Some(Challenge::Plain(challenge.to_owned()))),
        Some(_) => Err(invalid_request(
            "Invalid parameter value for code_challenge_method".to_owned(),
        )),
    }
}

fn invalid_request(detail: String) -> Rejected {
    Rejected::Page {
        status: 400,
        error: "invalid_request",
        detail,
    }
}

fn known_scope(scope: &str) -> bool {
    matches!(scope, "openid" | "email" | "profile") || scope.starts_with(crate::tokens::SCOPE)
}

/// Google answers the short names with their long forms.
fn granted(asked: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for scope in asked {
        let long = match scope.as_str() {
            "email" => format!("{}userinfo.email", crate::tokens::SCOPE),
            "profile" => format!("{}userinfo.profile", crate::tokens::SCOPE),
            other => other.to_owned(),
        };
        if !out.contains(&long) {
            out.push(long);
        }
    }
    out
}

/// The redirect address with the state and these pairs after whatever query it has.
fn callback(redirect_uri: &str, state: Option<&str>, pairs: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if let Some(state) = state {
        query.append_pair("state", state);
    }
    query.extend_pairs(pairs);
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    format!("{redirect_uri}{joint}{}", query.finish())
}
