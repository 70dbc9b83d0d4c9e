//! The explorer beyond the good way: money that goes back, links that lead somewhere, going step by step, and orders that
//! are empty, slow or very long.

use crate::explorer::travelled;
use crate::shopper::{Page, Shopper, Town, form_to, until};
use jiff::SignedDuration;
use ledger::traffic::{Exchange, Kind};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the gateway's log holds of an address, for a trade: the sealed texts that came in.
async fn came_in(town: &Town, address: &str, trade: &str) -> Vec<String> {
    let log = town.look(town.payuni("/_sandbox/log?limit=500")).await;
    let entries = log["log"].as_array().cloned().unwrap_or_default();
    let of = |entry: &&Value| {
        entry["direction"] == "in"
            && entry["target"]
                .as_str()
                .is_some_and(|target| target.ends_with(address))
            && entry["trade_no"] == trade
    };
    let sealed = |entry: &Value| entry["outer"]["EncryptInfo"].as_str().unwrap().to_owned();
    entries.iter().filter(of).map(sealed).collect()
}

/// What the shop kept of the same.
async fn went_out(town: &Town, no: &str, address: &str) -> Vec<String> {
    let kept = travelled(town, no, Kind::Refund).await;
    let to = kept
        .iter()
        .filter(|kept| kept.exchange.path.ends_with(address));
    to.map(|kept| {
        let mut form = form_urlencoded::parse(&kept.exchange.sent);
        form.find(|(name, _)| name == "EncryptInfo")
            .unwrap()
            .1
            .into_owned()
    })
    .collect()
}

/// The owner gives money back by the form of the back office.
async fn gives_back(town: &Town, no: &str, amount: &str) -> Shopper {
    let owner = town.shopper("owner").await;
    let page = owner.opens(&format!("/admin/orders/{no}")).await;
    let to = format!("/admin/orders/{no}/refunds");
    let mut form: BTreeMap<String, String> =
        form_to(&page.body, &to).expect("a form to give back with");
    form.insert("amount".into(), amount.into());
    form.insert("reason".into(), "buyer".into());
    form.insert("note".into(), "the words of a person".into());
    let fields: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let answer = owner.posts(&to, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    owner
}

/// Whether PAYUNi captures a card by itself.
async fn capture(town: &Town, by_itself: bool) {
    let switches = town.outside.put(town.payuni("/_sandbox/switches"));
    let set = switches
        .json(&json!({"auto_capture": by_itself}))
        .send()
        .await;
    assert!(set.unwrap().status().is_success());
}

async fn refunded(
    town: &Town,
    method: &str,
    wait_s: u64,
    amount: Option<&str>,
    address: &str,
) -> Page {
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let paid = buyer.pays(&sealed, method).await;
    let no = sealed.order_no;
    town.becomes(&no, "fulfilled").await;
    if wait_s > 0 {
        town.payuni_passes(wait_s).await;
    }
    let whole = town.book(&no).await.order().amount.dollars().to_string();
    let owner = gives_back(town, &no, amount.unwrap_or(&whole)).await;
    let status = if amount.is_some() {
        "partially_refunded"
    } else {
        "refunded"
    };
    town.becomes(&no, status).await;
    until("the answer was kept", async || {
        !went_out(town, &no, address).await.is_empty()
    })
    .await;
    let theirs = came_in(town, address, &paid.trade_no).await;
    assert_eq!(went_out(town, &no, address).await, theirs, "{method}");
    assert_eq!(theirs.len(), 1, "it left once");
    let wishes = travelled(town, &no, Kind::Wish).await;
    assert_eq!(wishes.len(), 1);
    let page = owner.opens(&format!("/flow/{no}?view=engineer")).await;
    let main = page.body.split("<main").nth(1).unwrap();
    for shown in [
        theirs[0].as_str(),
        "refunded/",
        &format!("→ {status}"),
        address,
    ] {
        assert!(main.contains(shown), "{method}: {shown} is not on the page");
    }
    assert!(!main.contains("the words of a person"));
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_goes_back_is_shown_as_payunis_log_has_it() {
    // A shop that lives a minute in a second: what it waits for between two looks at PAYUNi takes minutes.
    let town = Town::planned(|plan| plan.rate = 60).await;
    capture(&town, false).await;
    // Not captured: the authorisation is cancelled. Captured: it is refunded, in parts too. A wallet has a way of its own.
    let page = refunded(&town, "card", 0, None, "trade/cancel").await;
    assert!(page.body.contains("後台要退款"));
    capture(&town, true).await;
    refunded(&town, "card", 10, Some("100"), "trade/close").await;
    refunded(&town, "linepay", 10, None, "linepay").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_link_of_the_explorer_leads_somewhere() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let all = pages::flow_addresses();
    assert!(all.len() > 30, "{all:?}");
    for address in all {
        if let Some(case) = address.strip_prefix("/lab/") {
            let file = root.join(format!("proof/attacks/cases/{case}.toml"));
            assert!(file.is_file(), "{address}");
            continue;
        }
        let page = buyer.opens(address.split('#').next().unwrap()).await;
        assert_eq!(page.status, 200, "{address}");
        if address.contains("?item=") {
            assert!(page.body.contains("id=\"item\""), "{address} marks nothing");
        }
    }
    // They stand on the page of an order, of which nothing but the order itself may have travelled yet.
    let sealed = buyer.checks_out().await;
    let page = buyer
        .opens(&format!("/flow/{}?view=engineer", sealed.order_no))
        .await;
    assert!(
        page.body
            .contains("href=\"/learn/2-flow/03-order-and-hand-over\"")
    );
    assert!(page.body.contains("?item=checkout#item"));
}

/// The addresses behind the two buttons.
fn steps(page: &Page) -> (Option<String>, Option<String>) {
    let to = |rel: &str| {
        let (_, rest) = page.body.split_once(&format!("rel=\"{rel}\" href=\""))?;
        Some(
            rest.split('"')
                .next()?
                .replace("&#38;", "&")
                .replace("&amp;", "&"),
        )
    };
    (to("prev"), to("next"))
}

fn current(page: &Page) -> Option<&str> {
    let (before, _) = page.body.split_once(" aria-current=\"step\"")?;
    before.rsplit("data-hop=\"").next()?.split('"').next()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_without_script_goes_from_hop_to_hop_and_back() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let no = buyer.checks_out().await.order_no;
    let mut page = buyer.opens(&format!("/flow/{no}?view=engineer")).await;
    assert_eq!((current(&page), steps(&page).0), (None, None));
    let mut seen = Vec::new();
    while let (_, Some(next)) = steps(&page) {
        let (address, mark) = next.split_once('#').unwrap();
        page = buyer.opens(address).await;
        let at = current(&page).unwrap().to_owned();
        assert_eq!(mark, format!("hop-{at}"));
        assert!(page.body.contains(&format!("<li id=\"{mark}\"")));
        assert!(
            page.body.contains(&format!("id=\"open-{at}\" open")),
            "its bytes are open"
        );
        seen.push(at);
        assert!(seen.len() <= 10, "it never ends");
    }
    assert_eq!(seen.len(), 4, "sign-in, token, order, hand-over: {seen:?}");
    let (previous, _) = steps(&page);
    let previous = previous.unwrap();
    page = buyer.opens(previous.split('#').next().unwrap()).await;
    assert_eq!(current(&page), Some(seen[2].as_str()));
    // A place that is none is no fault.
    let astray = buyer.opens(&format!("/flow/{no}?hop=999999")).await;
    assert_eq!((astray.status, current(&astray)), (200, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_two_hundred_hops_stays_a_page() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let no = buyer.checks_out().await.order_no;
    let app = &town.world.shop.app;
    let handed = travelled(&town, &no, Kind::HandOver)
        .await
        .remove(0)
        .exchange;
    let asked = Exchange {
        kind: Kind::Query,
        verdict: "unreachable".to_owned(),
        ..handed
    };
    for n in 0..200 {
        let at = asked.at + SignedDuration::from_secs(n);
        assert!(app.traffic.keep(Exchange {
            at,
            answered_at: at,
            ..asked.clone()
        }));
    }
    let long = buyer.opens(&format!("/flow/{no}?view=engineer")).await;
    assert_eq!(long.body.matches("data-hop=").count(), 204);
    assert!(
        long.body.contains(" ×200"),
        "what came again and again is drawn once"
    );
    let kib = long.body.len() / 1024;
    assert!(kib < 500, "{kib} KiB");
    let (_, middle) = long
        .body
        .split_once("data-shut=\"")
        .expect("the others are shut");
    let middle = middle
        .split('"')
        .next()
        .unwrap()
        .replace("&#38;", "&")
        .replace("&amp;", "&");
    let there = buyer.opens(middle.split('#').next().unwrap()).await;
    let at = current(&there).unwrap();
    assert!(there.body.contains(&format!("id=\"open-{at}\" open")));
    // The owner's view has them all, in a sentence each.
    let plain = buyer.opens(&format!("/flow/{no}")).await;
    assert!(!plain.body.contains("data-shut") && plain.body.len() < long.body.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_of_which_nothing_was_kept_says_so_and_anybody_may_follow_it() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let no = buyer.checks_out().await.order_no;
    let book = town.book(&no).await;
    let mut view = shop::explorer::seen(&town.world.shop.app, &book.order().no)
        .await
        .unwrap();
    assert!(view.settling, "something has just travelled");
    view.hops.clear();
    assert_eq!(pages::shortened_way(&view, pages::Lang::ZhTw).hops(), []);
    // Whoever may look may be told when to look again.
    let stranger = town
        .outside
        .get(town.shop(&format!("/flow/{no}/events")))
        .send()
        .await
        .unwrap();
    assert_eq!(stranger.status(), 200);
    let kind = stranger.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/event-stream"), "{kind}");
}
