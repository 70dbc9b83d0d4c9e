use axum::body::Bytes;
use axum::extract::Request;
use axum::http::Method;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use futures_util::StreamExt;

use crate::caller::Caller;
use crate::limits::length_above;
use crate::refusal::{Code, EdgeRefusal};
use crate::request_id::RequestId;
use crate::slow::is_too_slow;

/// What a gateway's route takes.
#[derive(Debug, Clone, Copy)]
pub struct Accepts {
    /// The media types of the body, in lower case, without parameters.
    pub content_types: &'static [&'static str],
    /// The largest body in bytes.
    pub most: usize,
    /// Line 1 is switched off: method, type and coding are not looked at.
    #[cfg(feature = "ablation")]
    pub unchecked: bool,
}

impl Accepts {
    /// A form as gateways post it, up to 64 KiB.
    pub const FORM: Self = Self {
        content_types: &["application/x-www-form-urlencoded"],
        most: 64 * 1024,
        #[cfg(feature = "ablation")]
        unchecked: false,
    };
}

/// What passed line 1 on a gateway's route: whole, of a fitting size and type, and still believed by nobody. Made by
/// [`receive()`] only. `At` is whatever type the caller's clock tells the time in.
#[derive(Debug, Clone)]
pub struct Received<At> {
    body: Bytes,
    caller: Caller,
    request_id: RequestId,
    received_at: At,
}

impl<At> Received<At> {
    /// The body, byte for byte.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// Who sent it; says nothing about who wrote it.
    #[must_use]
    pub const fn caller(&self) -> Caller {
        self.caller
    }

    /// The request that brought it.
    #[must_use]
    pub const fn request_id(&self) -> RequestId {
        self.request_id
    }

    /// When, by the caller's clock.
    #[must_use]
    pub const fn received_at(&self) -> &At {
        &self.received_at
    }
}

/// Takes a message off the wire, or refuses it. The refusal's status and text are its `IntoResponse`.
///
/// # Errors
/// `L1.method`, `L1.content_type` (another type, or a charset that is not UTF-8), `L1.encoding` (any
/// `Content-Encoding`), `L1.too_large`, `L1.slow`, `L1.incomplete`.
pub async fn receive<At>(
    request: Request,
    accepts: &Accepts,
    received_at: At,
) -> Result<Received<At>, EdgeRefusal> {
    let (parts, body) = request.into_parts();
    let refused = |code| Err(EdgeRefusal::new(code));
    #[cfg(feature = "ablation")]
    let looked_at = !accepts.unchecked;
    #[cfg(not(feature = "ablation"))]
    let looked_at = true;
    if looked_at && parts.method != Method::POST {
        return refused(Code::Method);
    }
    if looked_at && parts.headers.contains_key(CONTENT_ENCODING) {
        return refused(Code::Encoding);
    }
    if looked_at && !is_of_type(&parts.headers, accepts.content_types) {
        return refused(Code::ContentType);
    }
    let named = parts.headers.get(CONTENT_LENGTH);
    if named.is_some_and(|length| length_above(length.as_bytes(), accepts.most)) {
        return refused(Code::TooLarge);
    }
    let mut whole = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) if whole.len() + chunk.len() > accepts.most => {
                return refused(Code::TooLarge);
            }
            Ok(chunk) => {
                whole.extend_from_slice(&chunk);
                #[cfg(feature = "crash-points")]
                if !length_is(named, whole.len()) {
                    crash_points::at("K02");
                }
            }
            Err(error) if is_too_slow(&error) => return refused(Code::Slow),
            Err(_) => return refused(Code::Incomplete),
        }
    }
    #[cfg(feature = "crash-points")]
    crash_points::at("K03");
    let unknown = Caller::at(std::net::Ipv4Addr::UNSPECIFIED.into());
    Ok(Received {
        body: whole.into(),
        caller: parts.extensions.get().copied().unwrap_or(unknown),
        request_id: parts.extensions.get().copied().unwrap_or(RequestId::new(0)),
        received_at,
    })
}

#[cfg(feature = "crash-points")]
fn length_is(named: Option<&axum::http::HeaderValue>, length: usize) -> bool {
    named.is_none_or(|named| named.as_bytes() == length.to_string().as_bytes())
}

/// Whether exactly one `Content-Type` is there, one of `types`, and its charset, if it names one, is UTF-8.
#[must_use]
pub fn is_of_type(headers: &HeaderMap, types: &[&str]) -> bool {
    let mut lines = headers.get_all(CONTENT_TYPE).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return false;
    };
    let Ok(line) = line.to_str() else {
        return false;
    };
    let mut parts = line.split(';');
    let media = parts.next().unwrap_or_default().trim();
    types.iter().any(|known| media.eq_ignore_ascii_case(known))
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
                value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            Some(_) | None => true,
        })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::HeaderValue;

    use super::*;

    fn form(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        headers
            .iter()
            .map(|(n, v)| (n.parse().unwrap(), HeaderValue::from_static(v)))
            .collect()
    }

    #[test]
    fn content_types() {
        let types = Accepts::FORM.content_types;
        for good in [
            "application/x-www-form-urlencoded",
            "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
            "application/x-www-form-urlencoded;charset=\"utf-8\"",
        ] {
            assert!(
                is_of_type(&form(&[("content-type", good)]), types),
                "{good}"
            );
        }
        for bad in [
            "application/json",
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded;charset=utf-16",
            "application/x-www-form-urlencoded, text/plain",
            "application/x-www-form-urlencodedx",
            "",
        ] {
            assert!(!is_of_type(&form(&[("content-type", bad)]), types), "{bad}");
        }
        assert!(!is_of_type(&HeaderMap::new(), types));
        let mut twice = form(&[("content-type", "application/x-www-form-urlencoded")]);
        twice.append("content-type", HeaderValue::from_static("text/plain"));
        assert!(!is_of_type(&twice, types));
    }

    async fn sent(
        method: &str,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Result<Received<u64>, EdgeRefusal> {
        let mut request = Request::builder().method(method).uri("/payuni/notify");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let accepts = Accepts {
            most: 10,
            ..Accepts::FORM
        };
        receive(request.body(body).unwrap(), &accepts, 7).await
    }

    #[tokio::test]
    async fn what_passes_and_what_does_not() {
        const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
        let chunks = |count: usize| {
            let chunk = || Ok::<_, std::io::Error>(Bytes::from_static(b"abcd"));
            Body::from_stream(futures_util::stream::iter((0..count).map(move |_| chunk())))
        };
        let received = sent("POST", &[FORM], Body::from("0123456789"))
            .await
            .unwrap();
        assert_eq!(&received.body()[..], b"0123456789");
        assert_eq!(*received.received_at(), 7);
        assert_eq!(
            &sent("POST", &[FORM], chunks(2)).await.unwrap().body()[..],
            b"abcdabcd"
        );

        let code = |sent: Result<Received<u64>, EdgeRefusal>| sent.unwrap_err().code;
        assert_eq!(
            code(sent("GET", &[FORM], Body::empty()).await),
            Code::Method
        );
        assert_eq!(
            code(sent("PUT", &[FORM], Body::empty()).await),
            Code::Method
        );
        assert_eq!(
            code(sent("POST", &[], Body::empty()).await),
            Code::ContentType
        );
        for encoding in ["gzip", "br", "identity", "gzip, gzip"] {
            let headers = [FORM, ("content-encoding", encoding)];
            assert_eq!(
                code(sent("POST", &headers, Body::empty()).await),
                Code::Encoding
            );
        }
        let named = [FORM, ("content-length", "11")];
        assert_eq!(
            code(sent("POST", &named, Body::from("01234567890")).await),
            Code::TooLarge
        );
        assert_eq!(code(sent("POST", &[FORM], chunks(3)).await), Code::TooLarge);
        let broken = futures_util::stream::iter([
            Ok(Bytes::from_static(b"ab")),
            Err(std::io::Error::other("gone")),
        ]);
        assert_eq!(
            code(sent("POST", &[FORM], Body::from_stream(broken)).await),
            Code::Incomplete
        );
        let statuses = Code::ALL.map(|code| code.status().as_u16());
        assert_eq!(
            statuses,
            [405, 415, 413, 415, 408, 400, 429, 421, 403, 503, 503, 500]
        );
    }
}
