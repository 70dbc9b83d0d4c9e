//! Starting and stopping, the routes, and connections that can be cut.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::connect_info::Connected;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::settings::Settings;
use crate::world::World;
use crate::{control, drive, gate, pages, service_account, sheets, signin, turnstile};

/// How long open connections may take to finish when the sandbox stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// A running sandbox. Dropping it stops it as well.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    world: Arc<World>,
    server: Option<JoinHandle<()>>,
}

impl Running {
    /// Stops, and keeps what there is to keep.
    pub async fn stop(mut self) {
        self.world.stop.send_replace(true);
        if let Some(mut server) = self.server.take()
            && tokio::time::timeout(FAREWELL, &mut server).await.is_err()
        {
            server.abort();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.world.stop.send_replace(true);
        if let Some(server) = self.server.take() {
            server.abort();
        }
        if let Err(why) = self.world.write() {
            tracing::warn!(%why, "the Google sandbox could not write its state file");
        }
    }
}

/// Starts the sandbox on `listener`. Returns once the service-account key is in its file; the keys
/// for sign-in are made in the background at a first start.
///
/// # Errors
/// The state file or the key file cannot be read or written.
pub async fn start(listener: TcpListener, settings: Settings) -> io::Result<Running> {
    let addr = listener.local_addr()?;
    let world = tokio::task::spawn_blocking(move || {
        let world = World::open(settings)?;
        service_account::register(&world)?;
        world.write()?;
        Ok::<_, io::Error>(Arc::new(world))
    })
    .await
    .map_err(io::Error::other)??;
    let keys = Arc::clone(&world);
    drop(tokio::task::spawn_blocking(move || {
        keys.keys.fill(keys.settings.keys, || keys.saver.touch());
    }));
    let saver = Arc::clone(&world);
    drop(tokio::spawn(async move {
        saver
            .saver
            .run(|| saver.write(), saver.stop.subscribe())
            .await;
    }));
    let app = router(Arc::clone(&world)).into_make_service_with_connect_info::<Connection>();
    let mut stop = world.stop.subscribe();
    let server = tokio::spawn(async move {
        let quit = async move { drop(stop.wait_for(|stopped| *stopped).await) };
        if let Err(why) = axum::serve(Door(listener), app)
            .with_graceful_shutdown(quit)
            .await
        {
            tracing::error!(%why, "the Google sandbox stopped serving");
        }
    });
    Ok(Running {
        addr,
        world,
        server: Some(server),
    })
}

fn router(world: Arc<World>) -> Router {
    Router::new()
        .route("/", get(pages::index))
        .route(
            "/.well-known/openid-configuration",
            get(signin::configuration),
        )
        .route("/o/oauth2/v2/auth", get(signin::show))
        .route("/o/oauth2/v2/auth/choose", post(signin::choose))
        .route("/token", post(signin::token))
        .route("/oauth2/v3/certs", get(signin::certs))
        .route("/v1/userinfo", get(signin::userinfo).post(signin::userinfo))
        .route("/revoke", post(signin::revoke))
        .route("/avatars/{file}", get(signin::avatar))
        .route("/v4/{*rest}", any(sheets::handle))
        .route("/drive/v3/files", get(drive::list))
        .route("/drive/v3/files/{id}", get(drive::get))
        .route("/turnstile/v0/siteverify", post(turnstile::siteverify))
        .route("/turnstile/v0/api.js", get(turnstile::script))
        .route("/turnstile/v0/widget", get(turnstile::widget))
        .route("/turnstile/v0/widget.js", get(turnstile::widget_script))
        .route(
            "/turnstile/v0/token",
            post(turnstile::token).options(turnstile::preflight),
        )
        .route("/sheets/{id}", get(pages::sheet))
        .route("/sheets/{id}/cell", post(pages::edit_cell))
        .route("/sheets/{id}/rows", post(pages::edit_rows))
        .route("/sheets/{id}/sort", post(pages::sort))
        .route("/panel/{action}", post(pages::panel))
        .route("/assets/sandbox.css", get(pages::style))
        .route("/assets/icon.svg", get(pages::icon))
        .merge(control::routes())
        .fallback(gate::nowhere)
        .layer(DefaultBodyLimit::max(gate::MAX_BODY))
        .layer(from_fn_with_state(Arc::clone(&world), gate::gate))
        .with_state(world)
}

/// A connection's cord: cut, it is reset instead of answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connection(Arc<AtomicBool>);

impl Connection {
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Door>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.io().cord.clone()
    }
}

/// Accepts connections with a cord.
struct Door(TcpListener);

impl Listener for Door {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, addr) = Listener::accept(&mut self.0).await;
        if let Err(why) = stream.set_nodelay(true) {
            tracing::trace!(%why, "TCP_NODELAY");
        }
        (
            Wire {
                stream,
                cord: Connection::default(),
            },
            addr,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

struct Wire {
    stream: TcpStream,
    cord: Connection,
}

impl Wire {
    /// Once cut, nothing more goes out, and closing sends a reset.
    fn check(&self) -> io::Result<()> {
        if self.cord.0.load(Ordering::Acquire) {
            drop(self.stream.set_zero_linger());
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
