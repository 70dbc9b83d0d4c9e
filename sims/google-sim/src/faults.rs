//! What can be made to go wrong, how often, and where.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;

/// A way to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// 429 with Google's full error, nothing done.
    #[serde(rename = "quota_429")]
    Quota429,
    /// 503, nothing done.
    #[serde(rename = "unavailable_503")]
    Unavailable503,
    /// Applied, and then 503: the answer was lost.
    #[serde(rename = "applied_503")]
    Applied503,
    /// Applied, then silence, then the connection is cut.
    AppliedTimeout,
    /// Applied, and the connection is reset instead of an answer.
    AppliedReset,
    /// A late answer.
    Slow,
    /// The connection is reset, nothing done.
    Reset,
    /// 502 with an HTML page, nothing done.
    #[serde(rename = "html_502")]
    Html502,
    /// The bearer token is revoked: 401.
    TokenRevoked,
    /// Two appends in flight find the same last row.
    AppendRace,
    /// ID token: another nonce than was asked for.
    WrongNonce,
    /// ID token: no nonce.
    MissingNonce,
    /// ID token for another client.
    WrongAud,
    /// ID token whose `azp` is another client.
    WrongAzp,
    /// ID token of another issuer.
    WrongIss,
    /// ID token with the bare form of the issuer, without `https://`.
    BareIss,
    /// ID token that expired an hour ago.
    Expired,
    /// ID token issued in an hour.
    IssuedInFuture,
    /// ID token with `alg: none` and no signature.
    AlgNone,
    /// ID token with HS256, keyed with the public modulus.
    AlgHs256,
    /// ID token whose signature has a flipped bit.
    BadSignature,
    /// ID token signed by a key that is not published.
    UnknownKid,
    /// ID token with a wrong `at_hash`.
    WrongAtHash,
    /// ID token without `sub`.
    MissingSub,
    /// ID token without e-mail.
    MissingEmail,
    /// ID token that says the e-mail is not verified.
    EmailUnverified,
    /// Token answer without an ID token.
    MissingIdToken,
    /// The chooser's answer carries another state.
    WrongState,
    /// Turnstile refuses the next token.
    TurnstileFail,
}

impl FaultKind {
    /// Every kind with the words of the page.
    pub(crate) const ALL: [(Self, &'static str); 29] = [
        (Self::Quota429, "配額用完（429）"),
        (Self::Unavailable503, "暫時無法服務（503，未執行）"),
        (Self::Applied503, "已寫入，但回應遺失（503）"),
        (Self::AppliedTimeout, "已寫入，但一直不回應"),
        (Self::AppliedReset, "已寫入，但連線中斷"),
        (Self::Slow, "回應很慢"),
        (Self::Reset, "連線中斷（未執行）"),
        (Self::Html502, "502 網頁"),
        (Self::TokenRevoked, "權杖被撤銷（401）"),
        (Self::AppendRace, "同時附加時搶到同一列"),
        (Self::WrongNonce, "ID 權杖：nonce 不符"),
        (Self::MissingNonce, "ID 權杖：沒有 nonce"),
        (Self::WrongAud, "ID 權杖：發給別的用戶端"),
        (Self::WrongAzp, "ID 權杖：azp 不符"),
        (Self::WrongIss, "ID 權杖：簽發者不符"),
        (Self::BareIss, "ID 權杖：簽發者不含 https://"),
        (Self::Expired, "ID 權杖：已過期"),
        (Self::IssuedInFuture, "ID 權杖：簽發時間在未來"),
        (Self::AlgNone, "ID 權杖：alg=none"),
        (Self::AlgHs256, "ID 權杖：以公鑰當 HS256 密鑰"),
        (Self::BadSignature, "ID 權杖：簽章錯誤"),
        (Self::UnknownKid, "ID 權杖：未公布的金鑰"),
        (Self::WrongAtHash, "ID 權杖：at_hash 不符"),
        (Self::MissingSub, "ID 權杖：沒有 sub"),
        (Self::MissingEmail, "ID 權杖：沒有電子郵件"),
        (Self::EmailUnverified, "ID 權杖：電子郵件未驗證"),
        (Self::MissingIdToken, "權杖端點不給 ID 權杖"),
        (Self::WrongState, "回呼的 state 不符"),
        (Self::TurnstileFail, "機器人檢查不通過"),
    ];

    /// The name used in JSON.
    pub(crate) fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Faults of the transport apply to any operation, others only where they make sense.
    fn home(self) -> &'static str {
        match self {
            Self::Quota429
            | Self::Unavailable503
            | Self::Applied503
            | Self::AppliedTimeout
            | Self::AppliedReset
            | Self::Slow
            | Self::Reset
            | Self::Html502
            | Self::TokenRevoked => "sheets",
            Self::AppendRace => "sheets.spreadsheets.values.append",
            Self::TurnstileFail => "turnstile.siteverify",
            Self::WrongState => "oauth2.authorize",
            Self::WrongNonce
            | Self::MissingNonce
            | Self::WrongAud
            | Self::WrongAzp
            | Self::WrongIss
            | Self::BareIss
            | Self::Expired
            | Self::IssuedInFuture
            | Self::AlgNone
            | Self::AlgHs256
            | Self::BadSignature
            | Self::UnknownKid
            | Self::WrongAtHash
            | Self::MissingSub
            | Self::MissingEmail
            | Self::EmailUnverified
            | Self::MissingIdToken => "oauth2.id_token",
        }
    }

    /// Whether the gate itself acts it out, rather than a handler.
    fn of_transport(self) -> bool {
        self.home() == "sheets"
    }
}

/// A fault that is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    pub(crate) id: u64,
    pub(crate) kind: FaultKind,
    /// Part of an operation's name, for example `values.append` or `oauth2.certs`.
    pub(crate) method: Option<String>,
    /// How many more times; `None`: until it is removed.
    pub(crate) remaining: Option<u32>,
    /// For the slow ones.
    pub(crate) delay_ms: u64,
    pub(crate) hits: u64,
}

/// What goes dark in an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutageScope {
    /// Sheets, Drive and tokens for service accounts.
    Sheets,
    /// Sign-in too.
    All,
}

/// Everything answers 503 until a moment on the sandbox's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Outage {
    pub(crate) until: Millis,
    pub(crate) scope: OutageScope,
}

/// All faults that are on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    pub(crate) list: Vec<Fault>,
    pub(crate) outage: Option<Outage>,
    last_id: u64,
}

impl Faults {
    pub(crate) fn add(
        &mut self,
        kind: FaultKind,
        method: Option<String>,
        times: Option<u32>,
        delay_ms: u64,
    ) -> Fault {
        self.last_id += 1;
        let fault = Fault {
            id: self.last_id,
            kind,
            method,
            remaining: times,
            delay_ms,
            hits: 0,
        };
        self.list.push(fault.clone());
        fault
    }

    /// Removes one, or all; tells how many went.
    pub(crate) fn remove(&mut self, id: Option<u64>) -> usize {
        let before = self.list.len();
        self.list.retain(|f| id.is_some_and(|id| id != f.id));
        before - self.list.len()
    }

    /// The transport fault for this operation, counted as used.
    pub(crate) fn strike(&mut self, op: &str) -> Option<Fault> {
        self.take(op, FaultKind::of_transport)
    }

    /// Whether this very fault is on for the operation, counted as used.
    pub(crate) fn lie(&mut self, op: &str, kind: FaultKind) -> Option<Fault> {
        self.take(op, |k| k == kind)
    }

    fn take(&mut self, op: &str, fits: impl Fn(FaultKind) -> bool) -> Option<Fault> {
        let fault = self.list.iter_mut().find(|f| {
            fits(f.kind) && concerns(op, f.method.as_deref().unwrap_or_else(|| f.kind.home()))
        })?;
        fault.hits += 1;
        fault.remaining = fault.remaining.map(|n| n.saturating_sub(1));
        let taken = fault.clone();
        self.list.retain(|f| f.remaining != Some(0));
        Some(taken)
    }

    /// Whether the operation is in an outage.
    pub(crate) fn dark(&self, op: &str, now: Millis) -> bool {
        self.outage.is_some_and(|outage| {
            let apis =
                concerns(op, "sheets") || concerns(op, "drive") || concerns(op, "service_account");
            now < outage.until
                && (apis || (outage.scope == OutageScope::All && concerns(op, "oauth2")))
        })
    }
}

/// Whether `part` is a run of whole words in the dotted name `op`.
fn concerns(op: &str, part: &str) -> bool {
    format!(".{op}.").contains(&format!(".{part}."))
}
