//! A part of a file, where a part is asked for: a browser jumps within a film without all that is before.

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::ops::Range;

/// The whole content, or the one part that `Range` asks for. Several parts at once are answered with the whole, as every
/// server may.
pub(super) fn part(asked: &HeaderMap, content: Bytes) -> Response {
    let length = content.len();
    let range = asked.get(header::RANGE).map(HeaderValue::to_str);
    let range = range
        .and_then(Result::ok)
        .and_then(|text| read(text, length));
    let mut response = match range {
        None => content.into_response(),
        Some(Wanted::Part(part)) => {
            let said = format!("bytes {}-{}/{length}", part.start, part.end - 1);
            let headers = [(header::CONTENT_RANGE, said)];
            (StatusCode::PARTIAL_CONTENT, headers, content.slice(part)).into_response()
        }
        Some(Wanted::Beyond) => {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response()
        }
    };
    let headers = response.headers_mut();
    // The media type is said by who knows it.
    headers.remove(header::CONTENT_TYPE);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    response
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Part(Range<usize>),
    /// It begins after the end.
    Beyond,
}

/// Reads `bytes=0-99`, `bytes=100-` or `bytes=-100`; `None` for anything else, which is as if nothing were asked.
fn read(text: &str, length: usize) -> Option<Wanted> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = if first.is_empty() {
        let many: usize = last.parse().ok()?;
        (length.saturating_sub(many), length)
    } else {
        let start: usize = first.parse().ok()?;
        let end = if last.is_empty() {
            length
        } else {
            let last: usize = last.parse().ok()?;
            if last < start {
                return None;
            }
            last.saturating_add(1).min(length)
        };
        (start, end)
    };
    if start >= length {
        return Some(Wanted::Beyond);
    }
    Some(Wanted::Part(start..end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_was_asked_for_and_nonsense_is_as_if_nothing_were() {
        for (text, wanted) in [
            ("bytes=0-", Some(Wanted::Part(0..10))),
            ("bytes=2-4", Some(Wanted::Part(2..5))),
            ("bytes=2-999", Some(Wanted::Part(2..10))),
            ("bytes=-3", Some(Wanted::Part(7..10))),
            ("bytes=-999", Some(Wanted::Part(0..10))),
            ("bytes=10-", Some(Wanted::Beyond)),
            ("bytes=-0", Some(Wanted::Beyond)),
            ("bytes=4-2", None),
            ("bytes=0-1,4-5", None),
            ("bytes=x-", None),
            ("lines=0-1", None),
            ("bytes=18446744073709551615-", Some(Wanted::Beyond)),
            ("bytes=0-18446744073709551615", Some(Wanted::Part(0..10))),
        ] {
            assert_eq!(read(text, 10), wanted, "{text}");
        }
    }

    #[test]
    fn the_answer_says_which_part_it_is() {
        let asked = |range: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(range));
            part(&headers, Bytes::from_static(b"0123456789"))
        };
        let some = asked("bytes=2-4");
        assert_eq!(some.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(some.headers()[header::CONTENT_RANGE], "bytes 2-4/10");
        let beyond = asked("bytes=10-");
        assert_eq!(beyond.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(beyond.headers()[header::CONTENT_RANGE], "bytes */10");
        let whole = part(&HeaderMap::new(), Bytes::from_static(b"0123456789"));
        assert_eq!(whole.status(), StatusCode::OK);
        assert_eq!(whole.headers()[header::ACCEPT_RANGES], "bytes");
    }
}
