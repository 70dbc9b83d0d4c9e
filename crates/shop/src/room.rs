//! Rooms that a shop is given besides its own pages: the demo's book, the demo's laboratory. A production shop has none.

use crate::{
    asked::{Asked, see},
    error::Failure,
};
use async_trait::async_trait;
use axum::{
    body::Bytes,
    http::{HeaderMap, Uri, header},
    response::{Html, IntoResponse, Response},
};
use edge::{Code, EdgeRefusal};
use pages::{Problem, RenderError, Shell};
use std::sync::Arc;

mod range;

pub use crate::form::Form;

/// What a room answers.
pub enum RoomAnswer {
    /// A page, made with the shell that it was given.
    Page(String),
    /// A page that looks again by itself, since what it waits for is not done.
    Waiting {
        /// The page.
        html: String,
        /// After so many seconds.
        seconds: u32,
    },
    /// Another page of ours, after a form.
    See(String),
    /// A file.
    File {
        /// Its media type.
        content_type: &'static str,
        /// Its content.
        content: Bytes,
        /// Whether the address names the content, so that it never changes.
        immutable: bool,
    },
    /// No, with the shop's own page for it.
    Refused(Problem),
}

/// What somebody asks of a room.
pub struct Call<'a> {
    /// What is asked for below the mount, without a leading slash; empty for the mount itself.
    pub path: &'a str,
    /// The query as it came.
    pub query: &'a str,
    /// The form that was sent, where something was.
    pub form: Option<&'a Form>,
    /// What every page is given.
    pub shell: &'a Shell,
}

impl Call<'_> {
    /// A value of the query.
    #[must_use]
    pub fn asked(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        let found = pairs.find(|(known, _)| known == name);
        found.map(|(_, value)| value.into_owned())
    }
}

/// Pages below an address of their own. Nobody signs in there, and the ledger is not seen from there.
#[async_trait]
pub trait Room: Send + Sync {
    /// The address below which the room is, from the root: `/learn`.
    fn mount(&self) -> &'static str;

    /// The largest form that the room takes, in bytes. `None`: it is only looked at.
    fn form_bytes_max(&self) -> Option<usize> {
        None
    }

    /// Answers a request for something below the mount. `None`: there is no such thing.
    ///
    /// # Errors
    /// A page that cannot be rendered.
    async fn answer(&self, call: Call<'_>) -> Result<Option<RoomAnswer>, RenderError>;
}

/// `GET` below a room's mount.
pub(crate) async fn visit(
    asked: Asked,
    room: Arc<dyn Room>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let result = call(&asked, &*room, &uri, None, &headers).await;
    asked.answer(result)
}

/// `POST` below a room's mount. There is no session whose token a form could carry, so a browser must say by itself
/// that the form is from our own page; that it says so truly, `edge::csrf` has looked at.
pub(crate) async fn take(
    asked: Asked,
    room: Arc<dyn Room>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let refused = |code| {
        let refusals = &asked.app.refusals;
        refusals.answer(&EdgeRefusal::new(code), &headers)
    };
    if !headers.contains_key(header::ORIGIN) && !headers.contains_key("sec-fetch-site") {
        return refused(Code::CrossSite);
    }
    if !is_form(&headers) {
        return refused(Code::ContentType);
    }
    let result = match Form::any(&body) {
        Ok(form) => call(&asked, &*room, &uri, Some(&form), &headers).await,
        Err(failure) => Err(failure),
    };
    asked.answer(result)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

async fn call(
    asked: &Asked,
    room: &dyn Room,
    uri: &Uri,
    form: Option<&Form>,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let path = uri.path().strip_prefix(room.mount()).unwrap_or_default();
    let mut shell = asked.shell();
    if form.is_some() {
        // Every address of a room that takes a form is also a page.
        uri.path().clone_into(&mut shell.path);
    }
    let call = Call {
        path: path.trim_matches('/'),
        query: uri.query().unwrap_or_default(),
        form,
        shell: &shell,
    };
    let answer = room.answer(call).await?;
    Ok(match answer.ok_or(Problem::NotFound)? {
        RoomAnswer::Page(html) => Html(html).into_response(),
        RoomAnswer::Waiting { html, seconds } => {
            ([(header::REFRESH, seconds.to_string())], Html(html)).into_response()
        }
        RoomAnswer::See(path) => see(&path),
        RoomAnswer::File {
            content_type,
            content,
            immutable,
        } => {
            let cache = if immutable {
                "public, max-age=31536000, immutable"
            } else {
                "public, no-cache"
            };
            let named = [
                (header::CACHE_CONTROL, cache),
                (header::CONTENT_TYPE, content_type),
            ];
            (named, range::part(headers, content)).into_response()
        }
        RoomAnswer::Refused(problem) => return Err(problem.into()),
    })
}
