//! Step 3. The order is written down. Its amount is fixed here, from our own catalogue, and never again.

use crate::{
    asked::{Asked, see},
    entropy,
    error::Failure,
    flow::step_4_hand_over::hand_over,
    form::Form,
    seen::{Seen, without_secrets},
    session::Signed,
    view,
};
use axum::{body::Bytes, extract::Path, response::Response};
use edge::limits::RateKey;
use jiff::SignedDuration;
use ledger::{
    NewOrder, PlaceError,
    traffic::{Kind, Subject},
};
use orders::{AttemptNo, Line, Order, OrderNo};
use pages::Problem;
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::time::Duration;

/// A second click within this time gets the very same form again.
const DOUBLE_CLICK_MS: i64 = 10_000;
const FIELDS: [&str; 5] = [
    "product_id",
    "quantity",
    "csrf",
    "checkout_key",
    "cf-turnstile-response",
];

/// `POST /checkout`: places an order and hands the buyer over. Nothing but product and quantity is believed.
pub(crate) async fn checkout(asked: Asked, caller: edge::Caller, body: Bytes) -> Response {
    let result = place(&asked, caller, &body).await;
    asked.answer(result)
}

async fn place(asked: &Asked, caller: edge::Caller, body: &Bytes) -> Result<Response, Failure> {
    let form = Form::read(body, &FIELDS)?;
    let signed = asked.member_with(form.get("csrf"))?;
    limit(asked, signed)?;
    let key = form_key(&form)?;
    let line = line(asked, &form)?;
    prove_human(asked, caller, form.get("cf-turnstile-response")).await?;
    let new = new_order(asked, signed, key, line)?;
    let placed = asked
        .app
        .ledger
        .place(new, asked.app.clock.now())
        .await
        .map_err(|error| match error {
            PlaceError::KeyReused => Problem::Conflict.into(),
            PlaceError::SoldOut { .. } => Problem::SoldOut.into(),
            PlaceError::Ledger(error) => Failure::from(error),
        })?;
    #[cfg(feature = "crash-points")]
    crash_points::at("K14");
    let no = placed.book.order().no.clone();
    if placed.news {
        asked.app.metrics.orders.inc();
        tracing::info!(request = %asked.request_id, step = "place_order", order = %no, amount = %placed.book.order().amount, "order placed");
    }
    let attempt = placed.attempt.as_ref();
    seen(asked, "/checkout", body, (&no, attempt));
    asked.app.wake.notify_waiters();
    match placed.attempt {
        Some(attempt) => hand_over(asked, &placed.book, &attempt),
        // The page was kept open until its order had gone on.
        None => Ok(see(&format!("/orders/{no}"))),
    }
}

/// `POST /orders/{order_no}/pay`: another attempt after one that failed or was left.
pub(crate) async fn pay_again(asked: Asked, Path(no): Path<String>, body: Bytes) -> Response {
    let result = async {
        let form = Form::read(&body, &["csrf", "checkout_key"])?;
        let signed = asked.member_with(form.get("csrf"))?;
        limit(&asked, signed)?;
        let key = form_key(&form)?;
        let no: OrderNo = no.parse().map_err(|_| Problem::NotFound)?;
        let now = asked.app.clock.now();
        let book = asked.app.ledger.book(&no).await?;
        if book.is_none_or(|book| book.order().member != signed.member.id) {
            return Err(Problem::NotFound.into());
        }
        match asked
            .app
            .ledger
            .attempt_again(&no, key, asked.app.first_ask_ms(), now)
            .await?
        {
            Some((book, attempt)) => {
                let path = format!("/orders/{no}/pay");
                seen(&asked, &path, &body, (&no, Some(&attempt)));
                hand_over(&asked, &book, &attempt)
            }
            None => Ok(see(&format!("/orders/{no}"))),
        }
    }
    .await;
    asked.answer(result)
}

/// Keeps the form for those who look, once its order is durable.
fn seen(asked: &Asked, path: &str, body: &Bytes, about: (&OrderNo, Option<&AttemptNo>)) {
    let (no, attempt) = about;
    asked.app.keep(Seen {
        subject: Subject::Order(no.clone(), attempt.cloned()),
        kind: Kind::Placed,
        at: asked.app.clock.now(),
        path,
        sent: &without_secrets(body),
        answer: b"",
        verdict: "believed",
        outcome: "pending",
    });
}

/// The key that the page put into the form: one form is one order, or one attempt.
fn form_key(form: &Form) -> Result<&str, Failure> {
    let key = form.get("checkout_key");
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if (16..=64).contains(&key.len()) && key.bytes().all(plain) {
        Ok(key)
    } else {
        Err(Problem::FormExpired.into())
    }
}

fn limit(asked: &Asked, signed: &Signed) -> Result<(), Failure> {
    let key = RateKey::Member(format!(
        "{} {}",
        signed.member.id.issuer, signed.member.id.sub
    ));
    asked.app.checkouts.check(&key).map_err(Failure::TooOften)
}

fn line(asked: &Asked, form: &Form) -> Result<Line, Failure> {
    let most = asked.app.settings.shop.limits.quantity_max;
    let quantity = match form.find("quantity") {
        None => 1,
        Some(text) if text.starts_with(|c: char| c.is_ascii_digit()) => {
            text.parse::<u32>().map_err(|_| Problem::Unprocessable)?
        }
        Some(_) => return Err(Problem::Unprocessable.into()),
    };
    if !(1..=most).contains(&quantity) {
        return Err(Problem::Unprocessable.into());
    }
    let product = asked
        .app
        .catalogue
        .offered(form.get("product_id"))
        .ok_or(Problem::SoldOut)?;
    Ok(Line {
        product: product.id,
        name: product.name,
        unit_price: product.price,
        quantity,
    })
}

fn new_order(asked: &Asked, signed: &Signed, key: &str, line: Line) -> Result<NewOrder, Failure> {
    let now = asked.app.clock.now();
    let stock = asked
        .app
        .catalogue
        .offered(line.product.as_str())
        .and_then(|product| product.stock);
    let lines = vec![line];
    let amount = orders::order::total(&lines).ok_or(Problem::Unprocessable)?;
    // Where no method takes the amount, the buyer would only find out at the gateway.
    if !asked.app.gateway.takes(amount) {
        return Err(Problem::Unprocessable.into());
    }
    let life = SignedDuration::try_from(asked.app.settings.shop.limits.order_life)
        .unwrap_or(SignedDuration::from_mins(30));
    let order = Order {
        no: OrderNo::mint(view::taipei_date(now), entropy::bytes::<10>()),
        member: signed.member.id.clone(),
        lines,
        amount,
        placed_at: now,
        expires_at: now + life,
    };
    Ok(NewOrder {
        order,
        checkout_key: key.to_owned(),
        stock: vec![stock],
        same_attempt_ms: DOUBLE_CLICK_MS,
        first_ask_ms: asked.app.first_ask_ms(),
    })
}

#[derive(Deserialize)]
struct Verdict {
    success: bool,
    #[serde(default, rename = "error-codes")]
    error_codes: Vec<String>,
}

/// Asks Turnstile whether a person clicked (Cloudflare's documentation of `siteverify`). Off where no key is set.
async fn prove_human(asked: &Asked, caller: edge::Caller, token: &str) -> Result<(), Failure> {
    let Some((secret, url)) = asked.app.bot_check() else {
        return Ok(());
    };
    if token.is_empty() || token.len() > 2048 {
        return Err(Problem::BotCheck.into());
    }
    let fields = [
        ("secret", secret.expose_secret()),
        ("response", token),
        ("remoteip", &caller.ip.to_string()),
    ];
    let sent = asked
        .app
        .http
        .post(url.clone())
        .timeout(Duration::from_secs(5))
        .form(&fields)
        .send()
        .await;
    let verdict = match sent {
        Ok(response) => response.json::<Verdict>().await,
        Err(error) => Err(error),
    };
    match verdict {
        Ok(verdict) if verdict.success => Ok(()),
        Ok(verdict) => {
            tracing::info!(request = %asked.request_id, codes = ?verdict.error_codes, "bot check refused");
            Err(Problem::BotCheck.into())
        }
        Err(error) => {
            tracing::warn!(request = %asked.request_id, error = crate::error::chain(&error.without_url()), "bot check unreachable");
            Err(Problem::Unavailable.into())
        }
    }
}
