use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::http::{HeaderValue, Request, Response};
use futures_util::FutureExt;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;
use tracing::Instrument;

use crate::caller::Caller;
use crate::refusal::{Code, EdgeRefusal, Refusals};
use crate::request_id::{self, RequestId};
use crate::seats::{LoadGauge, Seat, Seats, Stage};
use crate::slow::{Patient, SeatedBody, TimedBody};

/// How long and how many. HTTP/1 only: HTTP/2 is a reverse proxy's business, and its stream floods with it.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// From the connection, or the end of the last answer, until a whole header is here. So also the longest that a
    /// connection may idle between requests.
    pub header_timeout: Duration,
    /// From the header until the whole body is here.
    pub body_timeout: Duration,
    /// How long the client may leave our bytes untaken.
    pub write_timeout: Duration,
    /// From the header until the answer begins; above `body_timeout`, so that the latter speaks first.
    pub answer_timeout: Duration,
    /// How long an answer of `text/event-stream` may stay open; browsers come back by themselves.
    pub stream_life: Duration,
    /// How long requests in flight may still take after the shutdown began.
    pub drain: Duration,
    /// The largest header in bytes, request line included.
    pub header_bytes: usize,
    /// The most header fields.
    pub header_count: usize,
    /// The most connections at a time. Keep it well under the process's limit of open files.
    pub connections: usize,
    /// The most answers of `text/event-stream` at a time; below `connections`, so that others are still served.
    pub streams: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(15),
            write_timeout: Duration::from_secs(15),
            answer_timeout: Duration::from_secs(30),
            stream_life: Duration::from_secs(15 * 60),
            drain: Duration::from_secs(10),
            header_bytes: 16 * 1024,
            header_count: 64,
            connections: 512,
            streams: 128,
        }
    }
}

/// What guards the door: the limits, who is believed about callers, and how a refusal is shown.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    /// How long and how many.
    pub limits: Limits,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The page of a refusal.
    pub refusals: Refusals,
    /// Tells how full the house is.
    pub load: LoadGauge,
}

struct House {
    gate: Gate,
    seats: Arc<Seats>,
    closing: watch::Receiver<bool>,
}

/// Serves `router` on `listener` until `shutdown` resolves; then takes no more, ends streams, and gives requests in
/// flight `limits.drain` to finish. A handler is dropped where its client leaves or its time is up: what must not be
/// cut in half belongs into a task or a thread of its own.
///
/// Failures to accept (too many open files, a client that left) never end the loop.
///
/// # Errors
/// Where the limits cannot work.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    gate: Gate,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let limits = gate.limits;
    if limits.connections == 0 || limits.streams >= limits.connections {
        let text = "limits: streams must be fewer than connections, and connections not zero";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let seats = Arc::new(Seats::new(limits.connections, limits.streams));
    gate.load.look_at(&seats);
    let (close, closing) = watch::channel(false);
    let house = Arc::new(House {
        gate,
        seats: Arc::clone(&seats),
        closing,
    });
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut shutdown => break,
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a connection's task failed");
                }
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let (socket, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                not_accepted(&error, &seats).await;
                continue;
            }
        };
        let permits = seats.permits();
        let permit = if let Ok(permit) = Arc::clone(&permits).try_acquire_owned() {
            permit
        } else {
            seats.make_room();
            tokio::select! {
                () = &mut shutdown => break,
                waited = timeout(Duration::from_secs(1), permits.acquire_owned()) => match waited {
                    Ok(Ok(permit)) => permit,
                    // Everybody inside is being served: the newcomer is turned away.
                    Ok(Err(_)) | Err(_) => continue,
                },
            }
        };
        let seat = Seat::take(&seats, permit);
        connections.spawn(attend(
            socket,
            peer,
            seat,
            router.clone(),
            Arc::clone(&house),
        ));
    }
    drop(listener);
    close.send_replace(true);
    let drained = timeout(limits.drain, async {
        while connections.join_next().await.is_some() {}
    });
    if drained.await.is_err() {
        tracing::warn!(
            cut = connections.len(),
            "connections cut at the end of the drain time"
        );
    }
    Ok(())
}

/// A failed `accept`: where files ran out, makes room and waits a little, so that the loop neither dies nor spins.
async fn not_accepted(error: &io::Error, seats: &Seats) {
    let theirs = [
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::Interrupted,
    ];
    if theirs.contains(&error.kind()) {
        return;
    }
    let made_room = seats.make_room();
    tracing::warn!(%error, made_room, "could not accept a connection");
    sleep(Duration::from_millis(50)).await;
}

/// One connection, from its first byte to its last.
async fn attend(
    socket: TcpStream,
    peer: SocketAddr,
    seat: Arc<Seat>,
    router: Router,
    house: Arc<House>,
) {
    #[cfg(feature = "crash-points")]
    crash_points::at("K01");
    // Answers are small and written whole; waiting for more only delays them. Not worth refusing a client for.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let limits = house.gate.limits;
    let mut closing = house.closing.clone();
    let service = service_fn(|request: Request<Incoming>| {
        let (router, house, seat) = (router.clone(), Arc::clone(&house), Arc::clone(&seat));
        async move { Ok::<_, Infallible>(answer(request, peer, router, &house, seat).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(limits.header_count)
        .max_header_size(limits.header_bytes)
        .max_buf_size(limits.header_bytes.max(64 * 1024))
        .serve_connection(
            TokioIo::new(Patient::new(socket, limits.write_timeout)),
            service,
        );
    let mut connection = pin!(connection);
    let mut told = false;
    loop {
        tokio::select! {
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, %error, "connection ended early");
                }
                return;
            }
            () = seat.has_to_leave() => {
                // A request may have come in since it was asked to leave.
                if seat.is_working() {
                    continue;
                }
                tracing::debug!(%peer, "connection made room for another");
                return;
            }
            _ = closing.wait_for(|closing| *closing), if !told => {
                told = true;
                connection.as_mut().graceful_shutdown();
            }
        }
    }
}

/// One request and its answer.
async fn answer(
    request: Request<Incoming>,
    peer: SocketAddr,
    router: Router,
    house: &House,
    seat: Arc<Seat>,
) -> Response<SeatedBody> {
    let Gate {
        limits,
        trusted_proxies,
        refusals,
        ..
    } = &house.gate;
    let id = RequestId::new(rand::random());
    let (mut parts, body) = request.into_parts();
    let caller = Caller::find(peer.ip(), &parts.headers, trusted_proxies);
    parts.extensions.insert(caller);
    parts.extensions.insert(id);
    let headers = parts.headers.clone();
    // The path only: queries carry one-time codes.
    let span = tracing::info_span!("request", %id, method = %parts.method, path = parts.uri.path());

    seat.now(if body.is_end_stream() {
        Stage::Working
    } else {
        Stage::Receiving
    });
    let (body, too_slow) = TimedBody::new(body, limits.body_timeout, Arc::clone(&seat));
    let request = Request::from_parts(parts, Body::new(body));
    let handled = AssertUnwindSafe(router.oneshot(request))
        .catch_unwind()
        .instrument(span.clone());
    let answered = timeout(limits.answer_timeout, handled).await;
    seat.now(Stage::Working);

    let refuse = |refusal: EdgeRefusal| {
        let page = || refusals.answer(&refusal, &headers);
        // A page that breaks while it reports a break must not take the connection with it.
        std::panic::catch_unwind(AssertUnwindSafe(page))
            .unwrap_or_else(|_| axum::response::IntoResponse::into_response(refusal))
    };
    let mut response = match answered {
        Ok(Ok(Ok(response))) => {
            if too_slow.load(Ordering::Relaxed) {
                refuse(EdgeRefusal::new(Code::Slow))
            } else {
                response
            }
        }
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(_panic)) => {
            span.in_scope(|| tracing::error!("the handler panicked"));
            refuse(EdgeRefusal::new(Code::Broken))
        }
        Err(_late) => {
            span.in_scope(|| tracing::error!("the handler took too long"));
            refuse(EdgeRefusal::after(Code::Timeout, Duration::from_secs(5)))
        }
    };
    let mut stream = None;
    if is_stream(response.headers()) {
        if let Some(permit) = house.seats.stream() {
            let (mut closing, life) = (house.closing.clone(), limits.stream_life);
            let ending = Box::pin(async move {
                // A dropped sender means the same as a closing house.
                let _ended = timeout(life, closing.wait_for(|closing| *closing))
                    .await
                    .is_ok();
            });
            stream = Some((permit, ending as crate::slow::Ending));
        } else {
            response = refuse(EdgeRefusal::after(Code::Busy, Duration::from_secs(10)));
        }
    }
    response
        .headers_mut()
        .insert(request_id::HEADER, id.header());
    response.map(|body| SeatedBody::new(body, seat, stream))
}

fn is_stream(headers: &HeaderMap<HeaderValue>) -> bool {
    headers
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}
