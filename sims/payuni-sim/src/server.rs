//! Starting and stopping.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::settings::Settings;
use crate::world::World;
use crate::{api, control, keeper, page, portal, postman};

/// A running sandbox. Stops when dropped; [`Running::stop`] also waits and writes its books.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    world: Arc<World>,
    close: Option<oneshot::Sender<()>>,
    server: Option<JoinHandle<()>>,
    tasks: Vec<JoinHandle<()>>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("public_url", &self.public_url)
            .finish_non_exhaustive()
    }
}

/// Serves the sandbox on `listener`.
///
/// A state file that cannot be read is set aside with the ending `.broken` and reported; the books then start
/// empty.
///
/// # Errors
/// Where the listener's address is not known, the HTTP client cannot be made, or the state file exists and can
/// be neither read nor set aside.
pub async fn start(listener: TcpListener, settings: Settings) -> io::Result<Running> {
    let addr = listener.local_addr()?;
    let books = keeper::read(settings.state_file.as_deref(), &settings.switches)?;
    let world = Arc::new(World::new(settings, books, postman::client()?));
    let tasks = vec![
        tokio::spawn(postman::run(Arc::clone(&world))),
        tokio::spawn(postman::run_out(Arc::clone(&world))),
        tokio::spawn(keeper::run(Arc::clone(&world))),
    ];
    let (close, closed) = oneshot::channel::<()>();
    let app = router(Arc::clone(&world));
    let server = tokio::spawn(async move {
        let serve = axum::serve(listener, app).with_graceful_shutdown(async move {
            // Told to stop, or dropped: either way it is over.
            drop(closed.await);
        });
        if let Err(error) = serve.await {
            tracing::error!(%error, "the PAYUNi sandbox stopped serving");
        }
    });
    Ok(Running {
        addr,
        world,
        close: Some(close),
        server: Some(server),
        tasks,
    })
}

impl Running {
    /// Stops serving and sending, and writes the books.
    pub async fn stop(mut self) {
        self.close.take();
        if let Some(mut server) = self.server.take()
            && tokio::time::timeout(Duration::from_millis(500), &mut server)
                .await
                .is_err()
        {
            // Somebody hangs in a time-out that was asked for.
            server.abort();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
        keeper::write(&self.world);
    }
}

fn router(world: Arc<World>) -> Router {
    let upp = Router::new()
        .route("/upp/{token}", get(page::show))
        .route("/upp/{token}/pay", post(page::pay))
        .route("/upp/{token}/3d", post(page::three_d))
        .route("/upp/{token}/wallet", post(page::wallet));
    let own = Router::new()
        .merge(upp)
        .merge(portal::routes())
        .nest("/_sandbox", control::routes())
        .layer(middleware::from_fn(same_site));
    Router::new()
        .route("/api/{*path}", any(api::serve))
        .merge(own)
        .route(
            "/assets/sandbox.css",
            get(|| async {
                asset(
                    "text/css; charset=utf-8",
                    include_str!("../assets/sandbox.css"),
                )
            }),
        )
        .route(
            "/assets/sandbox.js",
            get(|| async {
                asset(
                    "text/javascript; charset=utf-8",
                    include_str!("../assets/sandbox.js"),
                )
            }),
        )
        .fallback(|| async { page::not_found() })
        .with_state(world)
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ],
        text,
    )
        .into_response()
}

/// Another site's page must not press the portal's buttons: browsers tell where a request comes from.
async fn same_site(request: Request, next: Next) -> Response {
    let foreign = request
        .headers()
        .get("sec-fetch-site")
        .is_some_and(|v| v == HeaderValue::from_static("cross-site"));
    if foreign && !matches!(*request.method(), Method::GET | Method::HEAD) {
        return page::bare(StatusCode::FORBIDDEN, "403 Forbidden");
    }
    next.run(request).await
}
