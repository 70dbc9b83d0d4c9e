//! Signing in: only by one's own browser, once, and without a way out of the house.

use crate::shopper::{Shopper, Town, form_to};
use serde_json::json;

fn member_of(cookies: &str) -> Option<&str> {
    cookies
        .split("; ")
        .find_map(|cookie| cookie.strip_prefix("session="))
}

/// Opens a page with nothing but these cookies.
async fn with_cookies(town: &Town, cookies: &str, path: &str) -> u16 {
    let request = town.outside.get(town.shop(path)).header("cookie", cookies);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_browser_that_began_it_ends_it_once() {
    let town = Town::new().await;
    let visitor = town.stranger();
    let begin = async |visitor: &Shopper| visitor.opens("/auth/google").await.location.unwrap();

    let url = begin(&visitor).await;
    for named in [
        "state=",
        "nonce=",
        "code_challenge=",
        "code_challenge_method=S256",
        "response_type=code",
    ] {
        assert!(url.contains(named), "{named}: {url}");
    }
    let cancelled = visitor.opens(&visitor.chooses(&url, "cancel").await).await;
    assert!(
        cancelled.status < 500 && cancelled.status != 303,
        "{}",
        cancelled.status
    );
    assert!(
        cancelled.body.contains("/auth/google"),
        "and offers to try again"
    );
    assert!(member_of(&visitor.cookies()).is_none());

    // Somebody else's code, in this browser; a wrong state; none at all.
    let theirs = town.stranger();
    let back = theirs.chooses(&begin(&theirs).await, "buyer2").await;
    begin(&visitor).await;
    assert_eq!(visitor.opens(&back).await.status, 400);
    let code = back
        .split_once("code=")
        .unwrap()
        .1
        .split('&')
        .next()
        .unwrap();
    for query in [
        format!("code={code}&state=wrong"),
        format!("code={code}"),
        "state=&code=".to_owned(),
        String::new(),
        format!("code={code}&code={code}&state=wrong"),
        "error=server_error&state=x".to_owned(),
        "id_token=e30.e30.&state=x".to_owned(),
    ] {
        let page = visitor
            .opens(&format!("/auth/google/callback?{query}"))
            .await;
        assert_eq!(page.status, 400, "{query}");
        assert!(member_of(&visitor.cookies()).is_none(), "{query}");
    }
    // Its own browser may use it, and only once.
    assert_eq!(theirs.opens(&back).await.status, 303);
    let session = theirs.cookies();
    assert!(member_of(&session).is_some());
    assert_eq!(theirs.opens(&back).await.status, 400);
    assert_eq!(
        theirs.cookies(),
        session,
        "a replay leaves the session alone"
    );

    // Two tabs, each ends what it began.
    let (one, two) = (begin(&visitor).await, begin(&visitor).await);
    let (one, two) = (
        visitor.chooses(&one, "buyer1").await,
        visitor.chooses(&two, "buyer1").await,
    );
    assert_eq!(visitor.opens(&one).await.status, 303);
    assert_eq!(visitor.opens(&two).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_is_new_at_each_sign_in_and_ends_by_post_only() {
    let town = Town::new().await;
    let visitor = town.shopper("buyer1").await;
    let first = visitor.cookies();
    assert_eq!(with_cookies(&town, &first, "/orders").await, 200);
    visitor.signs_in("buyer1").await;
    let second = visitor.cookies();
    assert_ne!(member_of(&first), member_of(&second));
    assert_eq!(
        with_cookies(&town, &first, "/orders").await,
        401,
        "the old one is dead"
    );
    assert_eq!(
        with_cookies(&town, "session=planted-by-somebody-else", "/orders").await,
        401
    );

    let home = visitor.opens("/").await;
    let csrf = form_to(&home.body, "/auth/logout").expect("a button to sign out")["csrf"].clone();
    assert_eq!(visitor.opens("/auth/logout").await.status, 405);
    assert_eq!(
        visitor.posts("/auth/logout", &[("csrf", "0")]).await.status / 100,
        4
    );
    assert_eq!(
        visitor.opens("/orders").await.status,
        200,
        "still signed in"
    );
    assert_eq!(
        visitor
            .posts("/auth/logout", &[("csrf", &csrf)])
            .await
            .status,
        303
    );
    assert_eq!(visitor.opens("/orders").await.status, 401);
    assert_eq!(
        with_cookies(&town, &second, "/orders").await,
        401,
        "on the server too"
    );
    // The cookie was made so that neither script nor another site gets it.
    let begun = visitor.opens("/auth/google").await;
    let cookie = begun.headers["set-cookie"].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_back_office_is_for_the_owner_whose_address_google_vouches_for() {
    let town = Town::new().await;
    let owner = town.shopper("owner").await;
    let admin = owner.opens("/admin").await;
    assert_eq!(admin.status, 200, "{}", admin.body);
    // Somebody whose address is not verified may buy, and no more.
    let newcomer = town.shopper("unverified").await;
    let sealed = newcomer.checks_out().await;
    newcomer.pays(&sealed, "card").await;
    town.is_settled_once(&sealed.order_no).await;
    assert_eq!(
        owner
            .opens(&format!("/admin/orders/{}", sealed.order_no))
            .await
            .status,
        200
    );
    let buyer = town.shopper("buyer1").await;
    for path in [
        "/admin".to_owned(),
        format!("/admin/orders/{}", sealed.order_no),
        "/admin/nothing".to_owned(),
    ] {
        for shopper in [&newcomer, &buyer] {
            assert_eq!(shopper.opens(&path).await.status, 404, "{path}");
        }
        assert!(
            matches!(town.stranger().opens(&path).await.status, 401 | 404),
            "{path}"
        );
    }
    assert!(!buyer.opens("/").await.body.contains("\"/admin\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_address_on_the_list_opens_nothing() {
    let town = Town::planned(|plan| {
        plan.env.insert(
            "ADMIN_EMAILS".to_owned(),
            "new@unverified.example".to_owned(),
        );
    })
    .await;
    assert_eq!(
        town.shopper("unverified")
            .await
            .opens("/admin")
            .await
            .status,
        404
    );
    assert_eq!(
        town.shopper("owner").await.opens("/admin").await.status,
        404
    );
}

/// An address may change hands and may be missing; only Google's number says who somebody is.
#[tokio::test(flavor = "multi_thread")]
async fn a_member_stays_the_same_when_the_address_changes() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let no = buyer.checks_out().await.order_no;
    let fault = json!({"kind": "missing_email", "times": 1});
    town.control(town.google("/_sandbox/faults"), fault).await;
    let elsewhere = town.shopper("buyer1").await;
    let theirs = elsewhere.opens(&format!("/orders/{no}")).await;
    assert_eq!(theirs.status, 200, "the same person sees the same order");
    let id = town.book(&no).await.order().member.clone();
    let member = town.world.shop.app.ledger.member(&id).await.unwrap();
    assert_eq!(member.unwrap().email, None, "this time without an address");
    // And nobody else does, whatever address they come to have.
    let other = town.shopper("buyer2").await;
    assert_eq!(other.opens(&format!("/orders/{no}")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_back_stays_in_the_house() {
    let town = Town::new().await;
    for (next, lands) in [
        ("/orders", "/orders"),
        ("//evil.example", "/"),
        ("/%5Cevil.example", "/"),
        ("%5C/%5C/evil.example", "/"),
        ("https:evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/x%0d%0aLocation:%20https://evil.example", "/"),
        ("/%09/evil.example", "/"),
        ("/auth/google?next=/", "/"),
    ] {
        let visitor = town.stranger();
        let url = visitor
            .opens(&format!("/auth/google?next={next}"))
            .await
            .location
            .unwrap();
        assert!(
            !url.contains("evil.example"),
            "where to come back to is not in the URL: {url}"
        );
        let back = visitor.opens(&visitor.chooses(&url, "buyer1").await).await;
        assert_eq!(
            (back.status, back.location.as_deref()),
            (303, Some(lands)),
            "{next}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn google_changes_its_keys_or_is_away() {
    let town = Town::new().await;
    let member = town.shopper("buyer1").await;
    // The old key is gone at once: the new one is fetched for the first token that names it.
    town.control(
        town.google("/_sandbox/keys/rotate"),
        json!({"forget_all": true}),
    )
    .await;
    town.shopper("buyer2").await;
    let form = member.finds_form().await;
    let url = member.opens("/auth/google").await.location.unwrap();
    let back = member.chooses(&url, "buyer1").await;
    town.control(town.google("/_sandbox/outage"), json!({"scope": "all"}))
        .await;
    let away = member.opens(&back).await;
    assert_eq!(away.status, 503, "{}", away.body);
    let code = back
        .split_once("code=")
        .unwrap()
        .1
        .split('&')
        .next()
        .unwrap();
    assert!(
        !away.body.contains(code),
        "the page repeats the code that Google sent"
    );
    // Who is signed in stays so and buys on; neither the sign-in nor the sheet has a say in money.
    assert_eq!(member.opens("/orders").await.status, 200);
    let sealed = member.checks_out_with(&form).await;
    member.pays(&sealed, "card").await;
    town.is_settled_once(&sealed.order_no).await;
}
