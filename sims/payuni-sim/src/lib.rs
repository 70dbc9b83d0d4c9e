//! PAYUNi (統一金流) as a counterparty on the wire: hosted page, notices, queries, refunds, and its lies.
//!
//! Built from PAYUNi's public documents alone, and from no other crate of this workspace, so that a fault in
//! the shop's reading of them cannot hide behind the same fault here. Where the documents are silent, a
//! [`Switches`] entry says what is assumed and lets it be changed.
//!
//! [`start`] serves, on one listener:
//! - `/api/…`, the gateway's API, in both form encodings;
//! - `/upp/{token}`, the hosted page, which works without script;
//! - `/`, the merchant's portal;
//! - `/_sandbox/…`, control in JSON, described by `/_sandbox/openapi.json`.
//!
//! ```no_run
//! # async fn demo() -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:8081").await?;
//! let running = payuni_sim::start(listener, payuni_sim::Settings::demo()).await?;
//! println!("PAYUNi is at {}", running.addr);
//! running.stop().await;
//! # Ok(())
//! # }
//! ```

// What goes over the wire.
mod envelope;
mod fields;
mod gcm;
// Who uses it, what is open, what goes wrong, what time it is.
mod clock;
mod faults;
mod settings;
mod switches;
// What the gateway knows.
mod books;
mod log;
mod trade;
// What it does.
mod card;
mod message;
mod offline;
mod outbox;
mod pay;
mod quick;
mod upp;
// How it is reached.
mod api;
mod buy;
mod control;
mod counter;
mod page;
mod page_view;
mod portal;
mod portal_view;
// What runs by itself.
mod keeper;
mod postman;
mod server;
mod world;

pub use clock::Clock;
pub use envelope::Keys;
pub use faults::{FaultKind, NewFault};
pub use server::{Running, start};
pub use settings::{DEMO_HASH_IV, DEMO_HASH_KEY, DEMO_MER_ID, Merchant, Method, Settings};
pub use switches::{
    AfterVoid, CvsStore, FaultFamily, FiniteInner, InstOne, MerTradeNoRule, NotifyPorts,
    OuterUnapproved, Switches, UnknownCard, UppInvalid,
};
