//! Line 1, the edge (守門): may this request come in at all?
//!
//! The server loop with its timers and limits, who is calling, and what every answer carries. Knows nothing of shops
//! or payments: whatever passes here is still believed by nobody.

/// Who is calling: the socket's peer, or the hop that a trusted proxy names.
pub mod caller;
/// Whether a form was sent from our own pages.
pub mod csrf;
/// What every answer carries: the security headers.
pub mod headers;
/// Which `Host` is ours.
pub mod host;
/// How often and how much: rates and body sizes.
pub mod limits;
/// What passed line 1 on a gateway's route.
pub mod receive;
/// What is refused here: codes, statuses, and the page that says so.
pub mod refusal;
/// The name of one request, in its answer and in every log line about it.
pub mod request_id;
/// Which connection gives way when the house is full.
mod seats;
/// The server loop: accepts, seats, times and drains connections.
pub mod serve;
/// Sockets and bodies that do not wait for ever.
mod slow;

pub use caller::Caller;
pub use receive::{Accepts, Received, receive};
pub use refusal::{Code, EdgeRefusal, Refusals};
pub use request_id::RequestId;
pub use seats::{Load, LoadGauge};
pub use serve::{Gate, Limits, serve};
