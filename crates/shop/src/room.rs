//! Rooms that a shop is given besides its own pages: the demo's book. A production shop has none.

use crate::{asked::Asked, error::Failure};
use axum::{
    http::{Uri, header},
    response::{Html, IntoResponse, Response},
};
use pages::{Problem, RenderError, Shell};
use std::sync::Arc;

/// What a room answers.
pub enum RoomAnswer {
    /// A page, made with the shell that it was given.
    Page(String),
    /// A file.
    File {
        /// Its media type.
        content_type: &'static str,
        /// Its content.
        text: String,
        /// Whether the address names the content, so that it never changes.
        immutable: bool,
    },
}

/// Pages below an address of their own, which are only looked at: nobody signs in, nothing is posted, and the ledger
/// is not seen from there.
pub trait Room: Send + Sync {
    /// The address below which the room is, from the root: `/learn`.
    fn mount(&self) -> &'static str;

    /// Answers a request for something below the mount; `path` has no leading slash, and is empty for the mount
    /// itself. `None`: there is no such thing.
    ///
    /// # Errors
    /// A page that cannot be rendered.
    fn answer(
        &self,
        path: &str,
        query: &str,
        shell: &Shell,
    ) -> Result<Option<RoomAnswer>, RenderError>;
}

/// `GET` below a room's mount.
pub(crate) async fn visit(asked: Asked, room: Arc<dyn Room>, uri: Uri) -> Response {
    let path = uri.path().strip_prefix(room.mount()).unwrap_or_default();
    let path = path.trim_matches('/');
    let result = room
        .answer(path, uri.query().unwrap_or_default(), &asked.shell())
        .map_err(Failure::from)
        .and_then(|answer| answer.ok_or(Failure::from(Problem::NotFound)))
        .map(|answer| match answer {
            RoomAnswer::Page(html) => Html(html).into_response(),
            RoomAnswer::File {
                content_type,
                text,
                immutable,
            } => {
                let cache = if immutable {
                    "public, max-age=31536000, immutable"
                } else {
                    "public, no-cache"
                };
                let headers = [
                    (header::CACHE_CONTROL, cache),
                    (header::CONTENT_TYPE, content_type),
                ];
                (headers, text).into_response()
            }
        });
    asked.answer(result)
}
