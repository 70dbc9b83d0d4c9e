//! The explorer shows what travelled, and nothing else: its hops are what PAYUNi's own log says was sent and received.

use crate::shopper::{Page, Shopper, Town, until};
use ledger::traffic::{Kept, Kind};
use orders::OrderNo;
use serde_json::{Value, json};

pub(crate) async fn travelled(town: &Town, no: &str, kind: Kind) -> Vec<Kept> {
    let no: OrderNo = no.parse().unwrap();
    let mut all = town.world.shop.app.traffic.of_order(&no).await;
    all.retain(|kept| kept.exchange.kind == kind);
    all
}

/// Every try of every message that PAYUNi's log shows as answered: the sealed text, and the answer's status.
fn tries(messages: &[Value]) -> Vec<(String, u64)> {
    let mut all: Vec<(String, u64)> = messages
        .iter()
        .flat_map(|message| {
            let sealed = message["outer"]["EncryptInfo"].as_str().unwrap_or_default();
            let tries = message["tries"].as_array().cloned().unwrap_or_default();
            tries
                .into_iter()
                .filter_map(|tried| Some((sealed.to_owned(), tried["http"].as_u64()?)))
                .collect::<Vec<_>>()
        })
        .collect();
    all.sort();
    all
}

/// The same of what the shop kept. What it answered follows from what it made of it.
fn kept_tries(kept: &[Kept]) -> Vec<(String, u64)> {
    let mut all: Vec<(String, u64)> = kept
        .iter()
        .map(|kept| {
            let form = form_urlencoded::parse(&kept.exchange.sent);
            let mut sealed = form.filter(|(name, _)| name == "EncryptInfo");
            let sealed = sealed.next().unwrap().1.into_owned();
            let believed = kept.exchange.verdict == "believed";
            (sealed, if believed { 200 } else { 422 })
        })
        .collect();
    all.sort();
    all
}

/// The signature of the ID token with which the order's member signed in, as it was kept.
async fn travelled_of(town: &Town, no: &str) -> String {
    let app = &town.world.shop.app;
    let book = town.book(no).await;
    let order = book.order();
    let kept = app
        .traffic
        .sign_in_before(&order.member, order.placed_at)
        .await;
    let token = kept.iter().find(|kept| kept.exchange.kind == Kind::Token);
    let answer: Value = serde_json::from_slice(&token.unwrap().exchange.answer).unwrap();
    assert_eq!(answer["access_token"], "••••");
    let signature = answer["id_token"].as_str().unwrap().rsplit('.').next();
    signature.unwrap().to_owned()
}

async fn explores(shopper: &Shopper, no: &str) -> Page {
    let page = shopper.opens(&format!("/flow/{no}?view=engineer")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    page
}

/// The notices and returns on the page are those of PAYUNi's log; forgeries and what never left are not among them.
async fn hops_match(town: &Town, no: &str, forged: usize) {
    let told = town.messages(no, "notice").await;
    let mut theirs = tries(&told);
    // A message that was bent on its way is refused as a forgery, names nobody, and is kept of nobody.
    theirs.retain(|(_, status)| *status != 401);
    assert_eq!(tries(&told).len() - theirs.len(), forged, "{told:?}");
    let ours = kept_tries(&travelled(town, no, Kind::Notice).await);
    assert_eq!(ours, theirs);
    let page = explores(&town.shopper("buyer2").await, no).await.body;
    for (sealed, _) in &theirs {
        assert!(
            page.contains(sealed.as_str()),
            "a notice is not on the page"
        );
    }
}

async fn buys(town: &Town, fault: Option<Value>) -> (Shopper, String) {
    if let Some(fault) = fault {
        town.fault(fault).await;
    }
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let paid = buyer.pays(&sealed, "card").await;
    let back = buyer.comes_back(&paid).await;
    assert_eq!(back.status, 303);
    (buyer, sealed.order_no)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_good_way_is_shown_hop_by_hop_with_its_bytes_and_without_secrets() {
    let town = Town::new().await;
    let (buyer, no) = buys(&town, None).await;
    town.is_settled_once(&no).await;
    town.answered(&no).await;
    until("the row is in the sheet", async || {
        !travelled(&town, &no, Kind::Sheet).await.is_empty()
    })
    .await;
    hops_match(&town, &no, 0).await;
    for (kind, least) in [
        (Kind::Placed, 1),
        (Kind::HandOver, 1),
        (Kind::Return, 1),
        (Kind::Query, 1),
        (Kind::Delivery, 1),
    ] {
        let seen = travelled(&town, &no, kind).await;
        assert!(seen.len() >= least, "{kind:?}");
        assert!(seen.iter().all(|kept| kept.exchange.verdict == "believed"));
    }
    let returned = town.messages(&no, "return").await;
    let sealed = returned[0]["outer"]["EncryptInfo"].as_str().unwrap();
    let page = explores(&buyer, &no).await.body;
    assert!(page.contains(sealed), "what the browser brought back");
    // Opened up: the fields inside, the fact, the way of the order.
    for shown in [
        "TradeAmt",
        "TradeStatus",
        "NotifyURL",
        "told/",
        "asked/",
        "pending → paid",
        ":::",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(
        page.contains("b•••@jinliu.example") || page.contains("•••@"),
        "the address is hidden"
    );
    // The ID token in its three parts, and how the code became one; whatever lets somebody act is hidden.
    let token = travelled_of(&town, &no).await;
    for shown in [
        "RS256",
        "nonce",
        "at_hash",
        "id_token",
        "expires_in",
        token.as_str(),
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    for masked in ["code=••••", "code_verifier=••••", "client_secret=••••"]
    {
        assert!(page.contains(masked), "{masked}");
    }
    let own = shop::explorer::seen(&town.world.shop.app, &no.parse().unwrap())
        .await
        .unwrap();
    for lang in pages::Lang::ALL {
        assert_eq!(pages::shortened_way(&own, lang), pages::good_way(lang));
    }
    for secret in ["buyer1@", "4000221111110001", ">0001<", "csrf="] {
        let hidden = !page.split("<main").nth(1).unwrap().contains(secret);
        assert!(hidden, "{secret} is on the page");
    }
    let keys = &town.world.shop.app.settings.payuni;
    use secrecy::ExposeSecret;
    assert!(!page.contains(keys.hash_key.expose_secret()));
    assert!(!page.contains(keys.hash_iv.expose_secret()));

    // For whoever owns the shop: the same hops, a sentence each and no bytes.
    let plain = buyer.opens(&format!("/flow/{no}")).await.body;
    assert!(plain.contains("PAYUNi 直接告訴商店：已經付款。"));
    assert!(!plain.contains("EncryptInfo"));
    let english = buyer.opens(&format!("/flow/{no}?lang=en")).await.body;
    assert!(english.contains("PAYUNi told the shop directly: it is paid."));
    // From the order's own page there is a way here.
    let order = buyer.opens(&format!("/orders/{no}")).await.body;
    assert!(order.contains(&format!("href=\"/flow/{no}\"")));
    assert_eq!(
        buyer.opens("/flow/261123000000000000000A").await.status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn with_five_faults_the_hops_are_still_those_of_payunis_log() {
    let town = Town::tuned(
        &[(
            "waits_seconds = [20, 60, 180, 600, 1800, 3600]",
            "waits_seconds = [1]",
        )],
        1,
    )
    .await;
    let once = |kind: &str| json!({"kind": kind, "times": 1});

    let (_, no) = buys(&town, Some(once("drop_notice"))).await;
    town.is_settled_once(&no).await;
    hops_match(&town, &no, 0).await;
    let page = town
        .shopper("buyer1")
        .await
        .opens(&format!("/flow/{no}"))
        .await;
    assert!(
        page.body.contains("通知沒有到"),
        "the page says what is missing"
    );

    let (_, no) = buys(&town, Some(once("duplicate_notice"))).await;
    town.is_settled_once(&no).await;
    until("both have come", async || {
        travelled(&town, &no, Kind::Notice).await.len() == 2
    })
    .await;
    hops_match(&town, &no, 0).await;

    let (_, no) = buys(&town, Some(once("wrong_amount_notice"))).await;
    town.becomes(&no, "review").await;
    town.answered(&no).await;
    hops_match(&town, &no, 0).await;
    let page = explores(&town.shopper("buyer1").await, &no).await.body;
    assert!(page.contains("記下來，等人處理") && page.contains("→ review"));
    // It is asked about all the same; the next fault is for the next order's question.
    until("it was asked about", async || {
        !travelled(&town, &no, Kind::Query).await.is_empty()
    })
    .await;

    let (_, no) = buys(&town, Some(once("query_error"))).await;
    town.is_settled_once(&no).await;
    town.answered(&no).await;
    hops_match(&town, &no, 0).await;
    let asked = travelled(&town, &no, Kind::Query).await;
    let failed = asked
        .iter()
        .filter(|kept| kept.exchange.verdict != "believed");
    assert_eq!(
        failed.count(),
        1,
        "the answer that was none is shown as none"
    );

    let (_, no) = buys(&town, Some(once("wrong_merchant_notice"))).await;
    until("it was answered", async || {
        !tries(&town.messages(&no, "notice").await).is_empty()
    })
    .await;
    town.is_settled_once(&no).await;
    hops_match(&town, &no, 0).await;
}
