use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Bytes, Frame, Incoming, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Sleep, sleep};

use crate::seats::{Seat, Stage};

/// A socket whose peer must take what is written within a time: the kernel reports room only when a good part of its
/// buffer was taken, so a peer that reads byte by byte does not reset the clock.
pub(crate) struct Patient {
    socket: TcpStream,
    limit: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    pub(crate) fn new(socket: TcpStream, limit: Duration) -> Self {
        Self {
            socket,
            limit,
            stalled: None,
        }
    }

    fn watch<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let limit = self.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the peer does not read",
        )))
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        #[cfg(feature = "crash-points")]
        if bytes.len() > 1 && crash_points::comes_to("K09") {
            let half = bytes.get(..bytes.len() / 2).unwrap_or(bytes);
            drop(Pin::new(&mut self.socket).poll_write(cx, half));
            crash_points::stand("K09");
        }
        let written = Pin::new(&mut self.socket).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        #[cfg(feature = "crash-points")]
        if let Some(first) = parts.iter().find(|part| part.len() > 1)
            && crash_points::comes_to("K09")
        {
            let half = first.get(..first.len() / 2).unwrap_or(first);
            drop(Pin::new(&mut self.socket).poll_write(cx, half));
            crash_points::stand("K09");
        }
        let written = Pin::new(&mut self.socket).poll_write_vectored(cx, parts);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}

/// The error of a body that took too long.
#[derive(Debug)]
pub(crate) struct TooSlow;

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body came too slowly")
    }
}

impl Error for TooSlow {}

/// Whether an error is, or is caused by, [`TooSlow`].
pub(crate) fn is_too_slow(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<TooSlow>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A request's body, whole within a time.
pub(crate) struct TimedBody {
    inner: Incoming,
    deadline: Pin<Box<Sleep>>,
    too_slow: Arc<AtomicBool>,
    seat: Arc<Seat>,
}

impl TimedBody {
    pub(crate) fn new(
        inner: Incoming,
        limit: Duration,
        seat: Arc<Seat>,
    ) -> (Self, Arc<AtomicBool>) {
        let too_slow = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&too_slow);
        (
            Self {
                inner,
                deadline: Box::pin(sleep(limit)),
                too_slow,
                seat,
            },
            flag,
        )
    }
}

impl hyper::body::Body for TimedBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(frame) => {
                if frame.is_none() || self.inner.is_end_stream() {
                    self.seat.now(Stage::Working);
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending => {
                ready!(self.deadline.as_mut().poll(cx));
                self.too_slow.store(true, Ordering::Relaxed);
                Poll::Ready(Some(Err(Box::new(TooSlow))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// The end of an answer that stays open: a boxed future that resolves when it must end.
pub(crate) type Ending = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An answer's body: gives the seat back to idling when it has left, and ends a stream when it must.
pub(crate) struct SeatedBody {
    inner: Body,
    seat: Arc<Seat>,
    stream: Option<(OwnedSemaphorePermit, Ending)>,
}

impl SeatedBody {
    pub(crate) fn new(
        inner: Body,
        seat: Arc<Seat>,
        stream: Option<(OwnedSemaphorePermit, Ending)>,
    ) -> Self {
        Self {
            inner,
            seat,
            stream,
        }
    }
}

impl hyper::body::Body for SeatedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some((_, ending)) = &mut self.stream
            && ending.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(None);
        }
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for SeatedBody {
    fn drop(&mut self) {
        self.seat.now(Stage::Idle);
    }
}
