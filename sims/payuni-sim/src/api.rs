//! The gateway's API: which path, which version, and the envelope around every call (PAYUNi docs pages 29, 156).

pub(crate) mod close;
pub(crate) mod query;
pub(crate) mod refund;

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest as _, Multipart, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use crate::clock::{stamp, wall};
use crate::envelope::{Broken, outer_of};
use crate::fields::Fields;
use crate::log::Exchange;
use crate::page;
use crate::settings::{Merchant, Method};
use crate::switches::FaultFamily;
use crate::world::World;

/// Longest body that is read.
const MOST: usize = 256 * 1024;

/// An endpoint of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Upp,
    Query,
    FiniteQuery,
    Close,
    Cancel,
    CancelCvs,
    Refund(Method),
}

impl Endpoint {
    fn of(path: &str) -> Option<Self> {
        Some(match path {
            "upp" => Self::Upp,
            "trade/query" => Self::Query,
            "trade/finite_query" => Self::FiniteQuery,
            "trade/close" => Self::Close,
            "trade/cancel" => Self::Cancel,
            "cancel_cvs" => Self::CancelCvs,
            "trade/common/refund/linepay" => Self::Refund(Method::LinePay),
            "trade/common/refund/aftee" => Self::Refund(Method::Aftee),
            "trade/common/refund/icash" => Self::Refund(Method::ICash),
            "trade/common/refund/jkopay" => Self::Refund(Method::JKoPay),
            _ => return None,
        })
    }

    fn versions(self) -> &'static [&'static str] {
        match self {
            Self::Upp | Self::Query => &["1.0", "2.0"],
            Self::FiniteQuery | Self::Close | Self::Cancel | Self::CancelCvs | Self::Refund(_) => {
                &["1.0"]
            }
        }
    }

    /// The first letters of its codes.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Upp => "UPP",
            Self::Query | Self::FiniteQuery => "QUERY",
            Self::Close => "CLOSE",
            Self::Cancel => "CANCEL",
            Self::CancelCvs => "CVS",
            Self::Refund(_) => "REFUND",
        }
    }
}

/// A call whose envelope is proved.
pub(crate) struct Call {
    pub(crate) merchant: Arc<Merchant>,
    pub(crate) version: String,
    pub(crate) inner: Fields,
}

/// Refused before anything could be decrypted: only `Status` and `MerID` are answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Early {
    pub(crate) code: String,
    pub(crate) mer_id: String,
}

/// Proves merchant, version, hash and seal, in this order.
pub(crate) fn open(world: &World, endpoint: Endpoint, outer: &Fields) -> Result<Call, Early> {
    let mer_id = outer.get("MerID").unwrap_or_default();
    let early = |code: &str| Early {
        code: code.to_owned(),
        mer_id: mer_id.to_owned(),
    };
    let version = outer.given("Version").ok_or_else(|| early("API00002"))?;
    if !endpoint.versions().contains(&version) {
        return Err(early("API00003"));
    }
    let sealed = outer
        .given("EncryptInfo")
        .ok_or_else(|| early("API00004"))?;
    let hash = outer.given("HashInfo").ok_or_else(|| early("API00005"))?;
    if mer_id.is_empty() {
        return Err(early("DEF01001"));
    }
    let merchant = world.merchant(mer_id).ok_or_else(|| early("DEF01005"))?;
    if !sealed.bytes().all(|b| b.is_ascii_hexdigit()) || sealed.len() % 2 != 0 {
        return Err(early("API00010"));
    }
    if hash.len() != 64 || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(early("API00011"));
    }
    let family = world.look(|desk, _| desk.books.switches.fault_family);
    let code = |gateway: &str, own: &str| match family {
        FaultFamily::Gateway => early(gateway),
        FaultFamily::Endpoint => early(&format!("{}{own}", endpoint.prefix())),
    };
    if !merchant.keys.hash_fits(sealed, hash) {
        return Err(code("DEF01007", "01003"));
    }
    let inner = merchant.keys.open(sealed).map_err(|broken| match broken {
        Broken::Format | Broken::Tag => code("DEF01002", "01004"),
    })?;
    Ok(Call {
        merchant,
        version: version.to_owned(),
        inner,
    })
}

/// What is answered to a call.
pub(crate) enum Answer {
    /// Sealed fields.
    Fields(Fields),
    /// A sealed text and the `Status` that it holds (one reading of `finite_query`).
    Text { status: String, text: String },
    /// Nothing: the work is done, and the connection breaks.
    Lost,
    /// A page with this HTTP status.
    Page(u16),
    /// Nothing for so many real seconds, then a page.
    Hang(u32),
}

/// `POST /api/…`.
pub(crate) async fn serve(
    State(world): State<Arc<World>>,
    Path(path): Path<String>,
    request: Request,
) -> Response {
    let Some(endpoint) = Endpoint::of(&path) else {
        return page::not_found();
    };
    if request.method() != axum::http::Method::POST {
        return page::bare(StatusCode::METHOD_NOT_ALLOWED, "405 Method Not Allowed");
    }
    let headers = request.headers().clone();
    let outer = match read_form(request).await {
        Ok(outer) => outer,
        Err(status) => return page::bare(status, "請求內容無法讀取"),
    };
    let target = format!("/api/{path}");
    if endpoint == Endpoint::Upp {
        return page::enter(&world, &headers, &outer);
    }
    let call = match agent(&world, &headers, &outer).and_then(|()| open(&world, endpoint, &outer)) {
        Ok(call) => call,
        Err(early) => {
            log(
                &world,
                &target,
                &Fields::new(),
                &outer,
                serde_json::Value::Null,
                early.code.clone(),
            );
            let reply = Fields::new()
                .with("Status", early.code)
                .with("MerID", early.mer_id);
            return json(&world, &reply);
        }
    };
    let answer = answer(&world, endpoint, &call);
    reply(&world, &target, &call, &outer, answer).await
}

/// Refuses a caller without `User-Agent`, where the switch says so.
pub(crate) fn agent(world: &World, headers: &HeaderMap, outer: &Fields) -> Result<(), Early> {
    let needed = world.look(|desk, _| desk.books.switches.require_user_agent);
    if needed && !headers.contains_key(header::USER_AGENT) {
        return Err(Early {
            code: "API00008".to_owned(),
            mer_id: outer.get("MerID").unwrap_or_default().to_owned(),
        });
    }
    Ok(())
}

fn answer(world: &World, endpoint: Endpoint, call: &Call) -> Answer {
    if call.inner.get("MerID") != Some(&call.merchant.mer_id) {
        // Known for the hosted page alone (UPP02111); here the sandbox takes the family's "no merchant".
        let code = format!("{}01006", endpoint.prefix());
        return Answer::Fields(problem(call, &code, "商店代號比對異常"));
    }
    world.work(|desk, now| match endpoint {
        Endpoint::Upp => Answer::Page(404),
        Endpoint::Query => query::one(desk, call, wall(), now),
        Endpoint::FiniteQuery => query::several(desk, call, wall(), now),
        Endpoint::Close => close::close(desk, call, wall(), now),
        Endpoint::Cancel => close::cancel(desk, call, wall(), now),
        Endpoint::CancelCvs => refund::cancel_code(desk, call, wall(), now),
        Endpoint::Refund(method) => refund::refund(desk, call, method, wall(), now),
    })
}

/// The fields of a business error.
pub(crate) fn problem(call: &Call, code: &str, message: &str) -> Fields {
    Fields::new()
        .with("Status", code)
        .with("Message", message)
        .with("MerID", &call.merchant.mer_id)
}

async fn reply(
    world: &World,
    target: &str,
    call: &Call,
    outer: &Fields,
    answer: Answer,
) -> Response {
    let keys = &call.merchant.keys;
    let (status, sealed, shown) = match answer {
        Answer::Fields(inner) => (
            inner.get("Status").unwrap_or_default().to_owned(),
            keys.seal(&inner),
            inner.to_json(),
        ),
        Answer::Text { status, text } => (status, keys.seal_text(text.as_bytes()), text.into()),
        Answer::Lost => {
            log(
                world,
                target,
                &call.inner,
                outer,
                "回應遺失".into(),
                "lost".to_owned(),
            );
            return broken_connection();
        }
        Answer::Page(code) => {
            log(
                world,
                target,
                &call.inner,
                outer,
                "網頁".into(),
                code.to_string(),
            );
            let code = StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            return page::bare(code, "Internal Server Error");
        }
        Answer::Hang(seconds) => {
            log(
                world,
                target,
                &call.inner,
                outer,
                "逾時".into(),
                "timeout".to_owned(),
            );
            tokio::time::sleep(std::time::Duration::from_secs(u64::from(seconds))).await;
            return page::bare(StatusCode::GATEWAY_TIMEOUT, "504 Gateway Time-out");
        }
    };
    log(world, target, &call.inner, outer, shown, status.clone());
    json(
        world,
        &outer_of(
            keys,
            Some(&status),
            &call.merchant.mer_id,
            &call.version,
            sealed,
        ),
    )
}

/// Promises a body and breaks off.
fn broken_connection() -> Response {
    let parts = futures_util::stream::iter([
        Ok(Bytes::new()),
        Err(std::io::Error::other("answer lost on purpose")),
    ]);
    ([(header::CONTENT_LENGTH, "512")], Body::from_stream(parts)).into_response()
}

fn json(world: &World, fields: &Fields) -> Response {
    let (status, kind) = world.look(|desk, _| {
        (
            desk.books.switches.reply_http_status,
            desk.books.switches.reply_content_type.clone(),
        )
    });
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (
        status,
        [(header::CONTENT_TYPE, kind)],
        fields.to_json().to_string(),
    )
        .into_response()
}

pub(crate) fn log(
    world: &World,
    target: &str,
    inner: &Fields,
    outer: &Fields,
    reply: serde_json::Value,
    status: String,
) {
    world.work(|desk, now| {
        desk.log.write(
            stamp(now),
            Exchange {
                direction: "in",
                target,
                request: inner,
                outer,
                reply,
                status,
            },
        );
    });
}

/// Reads a form in either encoding.
pub(crate) async fn read_form(request: Request) -> Result<Fields, StatusCode> {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if kind
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("multipart/form-data")
    {
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_| StatusCode::BAD_REQUEST)?;
        let mut fields = Fields::new();
        while let Some(part) = parts.next_field().await.map_err(|e| e.status())? {
            let name = part.name().unwrap_or_default().to_owned();
            let value = part.text().await.map_err(|e| e.status())?;
            fields = fields.with(name, value);
        }
        return Ok(fields);
    }
    let body = axum::body::to_bytes(request.into_body(), MOST)
        .await
        .map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    Ok(Fields::decode(&body))
}
