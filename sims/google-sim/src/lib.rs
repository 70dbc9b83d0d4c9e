//! Google as a counterparty on the wire: sign-in, service-account tokens and Sheets v4,
//! with a stand-in for Cloudflare Turnstile next to it.
//!
//! It is written from Google's discovery documents and documentation alone, and uses no other
//! crate of this workspace, so that a mistake on our side of the wire cannot hide here. It makes
//! no outbound call at all.
//!
//! Reading order: [`Settings`] (who is there), `world` (what it remembers), `gate` (every request
//! passes it: faults, outage, log), `signin`, `tokens`, `sheets`, `turnstile`, `pages`, `control`.

mod clock;
mod control;
mod drive;
mod faults;
mod gate;
mod keys;
mod pages;
mod quota;
mod respond;
mod serve;
mod service_account;
mod settings;
mod sheets;
mod signin;
mod store;
mod tokens;
mod turnstile;
mod world;

pub use serve::{Running, start};
pub use settings::{
    Account, CLIENT_ID, CLIENT_SECRET, Keys, OAuthClient, SERVICE_ACCOUNT_EMAIL, SHEET_ID,
    Settings, TURNSTILE_SECRET, TURNSTILE_SITE_KEY,
};
