//! Orders made beforehand, each with the notice that will pay it: for proofs that need many at once.

use crate::{judge::Acked, street::Street};
use anyhow::{Context, Result};
use jiff::{SignedDuration, Timestamp};
use ledger::{Ledger, Member, NewOrder, SqliteLedger};
use orders::{Line, MemberId, Order, OrderNo, Twd};
use payuni::{Merchant, seal};
use tokio::task::JoinSet;

/// A notice as PAYUNi would send it, and what it means.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) body: String,
    pub(crate) meaning: Acked,
}

pub(crate) fn merchant(street: &Street) -> Result<Merchant> {
    let secret = |name: &str| street.env.get(name).context("no such key");
    let [id, key, iv] = ["PAYUNI_MERCHANT_ID", "PAYUNI_HASH_KEY", "PAYUNI_HASH_IV"].map(secret);
    Ok(Merchant::parse(id?, key?, iv?)?)
}

/// Fills the street's ledger with so many orders, and returns the notice of each.
pub(crate) async fn fill(street: &Street, count: u32, price: u32) -> Result<Vec<Sealed>> {
    let ledger = SqliteLedger::open(&street.ledger())?;
    let id = MemberId {
        issuer: "https://issuer.example".to_owned(),
        sub: "1".to_owned(),
    };
    let member = Member {
        id: id.clone(),
        email: None,
        email_verified: false,
        name: None,
        picture: None,
    };
    let now = Timestamp::now();
    ledger.save_member(member, now).await?;
    let merchant = merchant(street)?;
    let mut sealed = Vec::new();
    let mut placing = JoinSet::new();
    for seed in 0..count {
        let order = order(&id, seed, price, now)?;
        sealed.push(notice(&merchant, order.no.as_str(), seed, price));
        let ledger = ledger.clone();
        placing.spawn(async move {
            let new = NewOrder {
                checkout_key: format!("stock-{seed:016}"),
                stock: vec![None],
                same_attempt_ms: 0,
                first_ask_ms: 24 * 3_600_000,
                order,
            };
            ledger.place(new, now).await
        });
    }
    while let Some(placed) = placing.join_next().await {
        placed??;
    }
    Ok(sealed)
}

fn order(member: &MemberId, seed: u32, price: u32, now: Timestamp) -> Result<Order> {
    let price = Twd::new(price)?;
    let mut entropy = [7; 10];
    entropy
        .iter_mut()
        .zip(seed.to_be_bytes())
        .for_each(|(place, byte)| *place = byte);
    let line = Line {
        product: "tea".parse().ok().context("a product's name")?,
        name: "高山茶".to_owned(),
        unit_price: price,
        quantity: 1,
    };
    Ok(Order {
        no: OrderNo::mint(jiff::civil::date(2026, 11, 25), entropy),
        member: member.clone(),
        lines: vec![line],
        amount: price,
        placed_at: now,
        expires_at: now + SignedDuration::from_hours(24),
    })
}

/// The notice of a paid card for the first attempt of an order, which bears the order's own number.
fn notice(merchant: &Merchant, attempt: &str, seed: u32, price: u32) -> Sealed {
    let (trade, amount) = (format!("9{seed:018}"), price.to_string());
    let fields = [
        ("Status", "SUCCESS"),
        ("Message", "授權成功"),
        ("MerID", merchant.id.as_str()),
        ("MerTradeNo", attempt),
        ("Gateway", "2"),
        ("TradeNo", trade.as_str()),
        ("TradeAmt", amount.as_str()),
        ("TradeStatus", "1"),
        ("PaymentType", "1"),
        ("Card6No", "414763"),
        ("Card4No", "0001"),
        ("CardInst", "1"),
        ("AuthType", "1"),
        ("AuthDay", "20261123"),
        ("AuthTime", "120000"),
    ];
    let meaning = Acked {
        attempt: attempt.to_owned(),
        trade: trade.clone(),
        amount: u64::from(price),
        paid: true,
    };
    let sealed = seal(merchant, "2.0", &fields);
    Sealed {
        body: format!("Status=SUCCESS&{}", sealed.form_body()),
        meaning,
    }
}
