//! Placing an order: once, at our price, by its member, from our page.

use crate::shopper::{Shopper, Town, sealed};
use ledger::ListOrders;
use std::collections::BTreeMap;

async fn orders(town: &Town) -> usize {
    town.world
        .shop
        .app
        .ledger
        .list(ListOrders::default())
        .await
        .unwrap()
        .len()
}

fn pairs(form: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    form.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

fn changed<'a>(
    form: &'a BTreeMap<String, String>,
    name: &'a str,
    value: &'a str,
) -> Vec<(&'a str, &'a str)> {
    let mut pairs = pairs(form);
    pairs.retain(|(known, _)| *known != name);
    pairs.push((name, value));
    pairs
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clicks_make_one_order() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let form = buyer.finds_form().await;
    let clicks = (0..32).map(|_| {
        let request = buyer
            .client
            .post(town.shop("/checkout"))
            .header("origin", &buyer.shop)
            .form(&form);
        tokio::spawn(async move { Shopper::read(request.send().await.unwrap()).await })
    });
    let mut forms = Vec::new();
    for click in clicks.collect::<Vec<_>>() {
        let page = click.await.unwrap();
        assert_eq!(page.status, 200, "{}", page.body);
        forms.push(sealed(&page.body).fields);
    }
    forms.dedup();
    assert_eq!(forms.len(), 1, "one sealed form, byte for byte");
    assert_eq!(orders(&town).await, 1);
    // The key is used up for anything else, but another member's key of the same name is another key.
    let other = buyer
        .posts("/checkout", &changed(&form, "quantity", "2"))
        .await;
    assert_eq!(other.status, 409);
    let product = buyer
        .posts("/checkout", &changed(&form, "product_id", "cup"))
        .await;
    assert_eq!(product.status, 409);
    let neighbour = town.shopper("buyer2").await;
    let mut theirs = neighbour.finds_form().await;
    theirs.insert("checkout_key".to_owned(), form["checkout_key"].clone());
    let placed = neighbour.checks_out_with(&theirs).await;
    assert_eq!(orders(&town).await, 2);
    assert_ne!(
        town.book(&placed.order_no).await.order().member,
        town.book(&sealed_no(&town, &buyer).await)
            .await
            .order()
            .member
    );
}

/// The number of the one order on a shopper's list.
async fn sealed_no(town: &Town, shopper: &Shopper) -> String {
    let page = shopper.opens("/orders").await;
    let link = page.body.split("href=\"/orders/").nth(1).unwrap();
    let no = link.split('"').next().unwrap().to_owned();
    assert_eq!(town.book(&no).await.order().no.as_str(), no);
    no
}

#[tokio::test(flavor = "multi_thread")]
async fn only_product_and_quantity_are_believed() {
    let town = Town::tuned(
        &[("stock = 3\nactive = true", "stock = 3\nactive = false")],
        1,
    )
    .await;
    let buyer = town.shopper("buyer1").await;
    let form = buyer.finds_form().await;
    for name in [
        "price",
        "amount",
        "state",
        "status",
        "user_id",
        "member_sub",
        "MerTradeNo",
        "order_no",
        "currency",
    ] {
        let page = buyer.posts("/checkout", &changed(&form, name, "1")).await;
        assert_eq!(page.status, 422, "{name}");
    }
    for quantity in [
        "-1",
        "0",
        "1.5",
        "1e9",
        "9223372036854775807",
        "4294967297",
        "\"1\"",
        "[1]",
        "+1",
        " 1",
        "１",
        "",
        "11",
        "0x1",
    ] {
        let page = buyer
            .posts("/checkout", &changed(&form, "quantity", quantity))
            .await;
        assert_eq!(page.status, 422, "{quantity:?}");
    }
    let twice = [pairs(&form), vec![("quantity", "1"), ("quantity", "2")]].concat();
    assert_eq!(buyer.posts("/checkout", &twice).await.status, 400);
    for product in ["notebook", "nothing", "", "TEA", "tea' OR 1=1 --", "../tea"] {
        let page = buyer
            .posts("/checkout", &changed(&form, "product_id", product))
            .await;
        assert_eq!(page.status, 409, "{product:?}");
    }
    assert_eq!(orders(&town).await, 0);
    let placed = sealed(
        &buyer
            .posts("/checkout", &changed(&form, "quantity", "10"))
            .await
            .body,
    );
    let book = town.book(&placed.order_no).await;
    assert_eq!(book.order().amount.dollars(), 6800);
    assert_eq!(book.order().lines[0].unit_price.dollars(), 680);
    // The number is ours: random, in PAYUNi's alphabet, short enough for an attempt's suffix.
    let no = placed.order_no.as_str();
    assert!(
        no.len() <= 25
            && no
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
        "{no}"
    );
    // What PAYUNi's page asks for is what was ordered.
    let paid = buyer.pays(&placed, "card").await;
    town.is_settled_once(no).await;
    assert_eq!(town.trades(no).await[0]["amount"], 6800);
    assert_eq!(paid.order_no, no);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_must_be_the_members_own() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let neighbour = town.shopper("buyer2").await;
    let form = buyer.finds_form().await;
    let foreign = neighbour.finds_form().await["csrf"].clone();
    let short = form["csrf"][1..].to_owned();
    for (what, csrf) in [
        ("another's", foreign.as_str()),
        ("none", ""),
        ("a wrong one", "0"),
        ("a part", &short),
    ] {
        let page = buyer
            .posts("/checkout", &changed(&form, "csrf", csrf))
            .await;
        assert!(
            matches!(page.status, 403 | 409 | 419 | 422),
            "{what} token: {}",
            page.status
        );
    }
    let mut bare = form.clone();
    bare.remove("csrf");
    assert_ne!(buyer.posts("/checkout", &pairs(&bare)).await.status, 200);
    // From another site each proof alone is enough to refuse, with the right token and the right cookie.
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost.evil.example"),
    ] {
        for path in ["/checkout", "/auth/logout"] {
            let sent = buyer
                .client
                .post(town.shop(path))
                .header(name, value)
                .form(&form)
                .send()
                .await
                .unwrap();
            assert_eq!(sent.status().as_u16(), 403, "{path} with {name}: {value}");
        }
    }
    let stranger = town.stranger();
    let page = stranger.posts("/checkout", &pairs(&form)).await;
    assert_eq!(page.status, 401);
    assert!(
        page.body.contains("/auth/google"),
        "it leads to the sign-in"
    );
    assert_eq!(orders(&town).await, 0);
    assert_eq!(
        buyer.checks_out_with(&form).await.fields.len(),
        4,
        "and the member's own form works"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_checkouts_have_to_wait_and_notices_do_not() {
    let town = Town::planned(|plan| {
        std::fs::write(
            plan.dir.join("jinliu.toml"),
            "[limits]\ncheckout_per_minute = 2\n[[product]]\nid = \"tea\"\nname = \"茶\"\nprice = 680\nstock = 40\n",
        )
        .unwrap();
    })
    .await;
    let buyer = town.shopper("buyer1").await;
    let mut placed = Vec::new();
    for _ in 0..2 {
        placed.push(buyer.checks_out().await);
    }
    let form = buyer.finds_form().await;
    let page = buyer.posts("/checkout", &pairs(&form)).await;
    assert_eq!(page.status, 429);
    let wait: u64 = page.headers["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(orders(&town).await, 2);
    // Another member is not held back, and neither is the gateway.
    town.shopper("buyer2").await.checks_out().await;
    for sealed in &placed {
        buyer.pays(sealed, "card").await;
        town.is_settled_once(&sealed.order_no).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_order_is_as_missing_as_none() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let neighbour = town.shopper("buyer2").await;
    let sealed = buyer.checks_out().await;
    buyer.pays(&sealed, "card").await;
    town.is_settled_once(&sealed.order_no).await;
    let missing = "261123ZZZZZZZZZZZZZZZZ";
    let csrf = neighbour.finds_form().await["csrf"].clone();
    // All that differs is the address itself and the request's number.
    let same = |page: crate::shopper::Page, no: &str| {
        let id = page.headers["x-request-id"].to_str().unwrap().to_owned();
        (page.status, page.body.replace(no, "NO").replace(&id, "ID"))
    };
    for tail in ["", "/receipt", "/events", "/x.css"] {
        let theirs = neighbour
            .opens(&format!("/orders/{}{tail}", sealed.order_no))
            .await;
        let none = neighbour.opens(&format!("/orders/{missing}{tail}")).await;
        assert_eq!(theirs.status, 404, "{tail}");
        assert_eq!(
            same(theirs, &sealed.order_no),
            same(none, missing),
            "{tail}"
        );
    }
    for tail in ["/cancel", "/pay"] {
        let key = ("checkout_key", "0123456789abcdef0123");
        let fields = if tail == "/pay" {
            vec![("csrf", csrf.as_str()), key]
        } else {
            vec![("csrf", csrf.as_str())]
        };
        let theirs = neighbour
            .posts(&format!("/orders/{}{tail}", sealed.order_no), &fields)
            .await;
        let none = neighbour
            .posts(&format!("/orders/{missing}{tail}"), &fields)
            .await;
        assert_eq!((theirs.status, none.status), (404, 404), "{tail}");
        assert_eq!(
            same(theirs, &sealed.order_no),
            same(none, missing),
            "{tail}"
        );
    }
    assert!(
        !neighbour
            .opens("/orders")
            .await
            .body
            .contains(&sealed.order_no)
    );
    assert_eq!(
        town.stranger()
            .opens(&format!("/orders/{}", sealed.order_no))
            .await
            .status,
        401
    );
    assert_eq!(
        buyer
            .opens(&format!("/orders/{}", sealed.order_no))
            .await
            .status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_pieces_are_sold_once() {
    let town = Town::new().await;
    let (one, two) = tokio::join!(town.shopper("buyer1"), town.shopper("buyer2"));
    // Three notebooks; twenty people want one at the same time.
    let mut clicks = Vec::new();
    for n in 0..20 {
        let buyer = if n % 2 == 0 { &one } else { &two };
        let form = buyer.finds_form().await;
        let request = buyer
            .client
            .post(town.shop("/checkout"))
            .header("origin", &buyer.shop);
        let request = request.form(&changed(&form, "product_id", "notebook"));
        clicks.push(tokio::spawn(async move {
            request.send().await.unwrap().status().as_u16()
        }));
    }
    let mut statuses = Vec::new();
    for click in clicks {
        statuses.push(click.await.unwrap());
    }
    let count = |status| statuses.iter().filter(|known| **known == status).count();
    assert_eq!((count(200), count(409)), (3, 17), "{statuses:?}");
    assert_eq!(orders(&town).await, 3);
    let held = town.world.shop.app.ledger.held_stock().await.unwrap();
    assert_eq!(held, [("notebook".to_owned(), 3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_bot_check_there_is_no_order() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let form = buyer.finds_form().await;
    let mut bare = form.clone();
    bare.remove("cf-turnstile-response");
    assert_eq!(buyer.posts("/checkout", &pairs(&bare)).await.status, 403);
    for token in ["", "made-up", &"x".repeat(2049)] {
        let page = buyer
            .posts("/checkout", &changed(&form, "cf-turnstile-response", token))
            .await;
        assert_eq!(page.status, 403, "{token:.20}");
    }
    assert_eq!(orders(&town).await, 0);
    buyer.checks_out_with(&form).await;
}
