#![doc = include_str!("../README.md")]

/// Lines switched off on purpose.
#[cfg(feature = "ablation")]
pub mod ablation;
/// A sealed message taken apart, layer by layer, for people who look.
pub mod anatomy;
/// What every server-to-server request has in common.
pub mod ask;
/// What an envelope became once its hash matched.
pub mod authentic;
/// Releasing a card's authorisation that was not captured.
pub mod cancel;
/// Withdrawing a convenience-store payment code.
pub mod cancel_cvs;
/// The hosted payment page (UPP).
pub mod checkout;
/// AES-256-GCM with PAYUNi's 16-byte nonce, and what that is worth.
mod cipher;
/// Capture and refund of a card, and taking either back.
pub mod close;
/// PAYUNi's codes, in words, and what to do about each.
pub mod code;
/// What a notice of a payment says about how it was paid.
pub mod details;
/// The sealed envelope, both ways.
pub mod envelope;
/// Form pairs: order kept, decoded once, duplicates refused.
pub mod fields;
/// Doors for the fuzzer.
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
/// JSON objects whose names may not repeat.
mod json;
/// What people who look on may see of a message.
pub mod mask;
/// The merchant: who we are to PAYUNi, and the two secrets.
pub mod merchant;
/// The ways of paying that the hosted page may show, and what they take.
pub mod methods;
/// What PAYUNi tells us: the notice, and the browser's return.
pub mod notice;
/// Why a message was refused, by line and cause.
pub mod refusal;
/// PAYUNi's clock on the wall: Taipei.
pub mod times;
/// The vocabulary of every message: numbers, states, kinds of payment.
pub mod trade;
/// What we ask PAYUNi: one trade, or up to a hundred.
pub mod trade_query;
/// One row of a query's answer.
pub mod trade_row;
/// Refunds of the wallets.
pub mod wallet_refund;

pub use anatomy::{Anatomy, Outer};
pub use ask::{Answer, Ask, Failure};
pub use authentic::{Authentic, KeyId};
pub use checkout::{Lang, UppRequest, UppVersion};
pub use envelope::{Envelope, Reply, Sealed, seal};
pub use fields::Fields;
pub use merchant::{HashIv, HashKey, Keyring, Keys, Merchant, MerchantError, MerchantId};
pub use methods::{Method, Methods};
pub use notice::{Notice, OtherKind, OtherNotice, PaymentNotice};
pub use refusal::{Refusal, RequestError};
pub use trade::{MerTradeNo, PaymentType, Private, Status, TradeNo, TradeStatus};
pub use trade_query::{FiniteQuery, QueryReply, TradeQuery};
pub use trade_row::TradeRow;
