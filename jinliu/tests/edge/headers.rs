//! Headers on every answer, languages, the operator's pages, and how often one may come.

use crate::{
    shopper::{Shopper, Town},
    value,
};
use reqwest::{Method, header::HeaderMap};

/// What every answer carries, whatever it is about.
fn is_armoured(what: &str, headers: &HeaderMap) {
    for (name, expected) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(value(headers, name), expected, "{what}: {name}");
    }
    assert!(!value(headers, "permissions-policy").is_empty(), "{what}");
    let policy = value(headers, "content-security-policy");
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "script-src 'self'",
        "form-action 'self'",
    ] {
        assert!(policy.contains(part), "{what}: {part} in {policy}");
    }
    for hole in [
        "unsafe-inline",
        "unsafe-eval",
        "data:",
        " *;",
        "http: ",
        "unsafe-hashes",
    ] {
        assert!(!policy.contains(hole), "{what}: {hole} in {policy}");
    }
    for talkative in ["server", "x-powered-by", "access-control-allow-origin"] {
        assert!(!headers.contains_key(talkative), "{what}: {talkative}");
    }
    assert!(
        !value(headers, "x-request-id").is_empty(),
        "{what}: no request id"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_armoured() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let order = format!("/orders/{}", sealed.order_no);
    let home = buyer.opens("/").await.body;
    let asset = home
        .split("href=\"/assets/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let asset = format!("/assets/{asset}");
    let paths = [
        "/",
        "/orders",
        &order,
        "/admin",
        "/about/terms",
        "/auth/google",
        "/auth/google/callback",
        "/checkout",
        "/nowhere",
        "/healthz",
        "/readyz",
        "/metrics",
        "/payuni/notify",
        "/payuni/return",
        "/assets/nothing.css",
        &asset,
        "/auth/logout",
    ];
    for path in paths {
        for method in [
            Method::GET,
            Method::HEAD,
            Method::POST,
            Method::OPTIONS,
            Method::PUT,
        ] {
            let request = buyer
                .client
                .request(method.clone(), town.shop(path))
                .header("origin", "https://evil.example");
            let response = request.send().await.unwrap();
            is_armoured(
                &format!("{method} {path} ({})", response.status()),
                response.headers(),
            );
            assert!(response.status().as_u16() < 500, "{method} {path}");
            if path != asset {
                assert_eq!(
                    value(response.headers(), "cache-control"),
                    "no-store",
                    "{method} {path}"
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_hold_no_script_of_their_own_and_post_to_us_and_payuni_only() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let order = format!("/orders/{}", buyer.checks_out().await.order_no);
    // The pages' forms go to us and to PAYUNi, and nowhere else; no script stands in a page.
    let page = buyer.opens("/").await;
    let policy = value(&page.headers, "content-security-policy").to_owned();
    assert!(
        policy.contains(&format!("form-action 'self' {};", town.payuni(""))),
        "{policy}"
    );
    for path in ["/", "/orders", &order, "/nowhere"] {
        let page = buyer.opens(path).await;
        for script in page.body.split("<script").skip(1) {
            let tag = script.split("</script>").next().unwrap();
            assert!(
                tag.contains("src=\"") && tag.ends_with('>'),
                "{path}: <script{tag}"
            );
        }
        for inline in [
            " onclick=",
            " onload=",
            " onerror=",
            " onsubmit=",
            " style=\"",
            "<style",
            "javascript:",
        ] {
            assert!(!page.body.contains(inline), "{path}: {inline}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_from_one_address_waits_and_the_gateway_does_not() {
    let town = Town::new().await;
    let visitor = town.stranger();
    let mut crowd = Vec::new();
    for _ in 0..20 {
        let (client, url) = (visitor.client.clone(), town.shop("/about/terms"));
        crowd.push(tokio::spawn(async move {
            let mut pages = Vec::new();
            for _ in 0..60 {
                pages.push(Shopper::read(client.get(&url).send().await.unwrap()).await);
            }
            pages
        }));
    }
    let mut pages = Vec::new();
    for visits in crowd {
        pages.extend(visits.await.unwrap());
    }
    assert!(pages.iter().all(|page| matches!(page.status, 200 | 429)));
    assert_eq!(
        pages
            .iter()
            .find(|page| page.status == 200)
            .map(|page| page.status),
        Some(200)
    );
    let page = pages
        .into_iter()
        .find(|page| page.status == 429)
        .expect("a limit");
    assert!(value(&page.headers, "retry-after").parse::<u64>().unwrap() >= 1);
    is_armoured("429", &page.headers);
    // The same address still reaches what the gateway and the operator use; another address still shops.
    let notice = visitor
        .client
        .post(town.shop("/payuni/notify"))
        .form(&[("EncryptInfo", "00"), ("HashInfo", "00")]);
    assert_eq!(notice.send().await.unwrap().status().as_u16(), 401);
    assert_eq!(visitor.opens("/healthz").await.status, 200);
    assert_eq!(town.stranger().opens("/").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn languages_and_the_operators_pages() {
    let town = Town::new().await;
    let visitor = town.stranger();
    let zh = visitor.opens("/").await;
    assert!(
        zh.body.contains("lang=\"zh-Hant") || zh.body.contains("lang=\"zh-TW"),
        "zh-TW is the default"
    );
    let en = visitor.opens("/?lang=en").await;
    assert!(en.body.contains("<html lang=\"en"));
    assert!(value(&en.headers, "set-cookie").starts_with("lang=en;"));
    assert!(
        visitor.opens("/").await.body.contains("<html lang=\"en"),
        "the choice is kept"
    );
    assert!(
        visitor
            .opens("/orders")
            .await
            .body
            .contains("<html lang=\"en"),
        "on refusals too"
    );
    let odd = visitor.opens("/?lang=%22%3E%3Cscript%3E").await;
    assert!(!odd.body.contains("\"><script>") && !odd.headers.contains_key("set-cookie"));
    visitor.opens("/?lang=zh-TW").await;
    assert!(!visitor.opens("/").await.body.contains("<html lang=\"en"));

    for (path, says) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let page = visitor.opens(path).await;
        assert_eq!((page.status, page.body.as_str()), (200, says));
    }
    // The counters are for the machine itself and its own monitoring, not for visitors behind the proxy.
    assert_eq!(visitor.opens("/metrics").await.status, 404);
    let counted = Shopper::read(
        town.outside
            .get(town.shop("/metrics"))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(counted.status, 200);
    assert!(value(&counted.headers, "content-type").starts_with("text/plain; version=0.0.4"));
    for name in ["jinliu_orders_total", "jinliu_outbox"] {
        assert!(counted.body.contains(&format!("# TYPE {name} ")), "{name}");
    }
    // A page and what it loads stay small.
    let mut bytes = zh.body.len();
    for asset in zh
        .body
        .split("\"/assets/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
    {
        if asset.split('?').next().unwrap().ends_with(".css")
            || asset.split('?').next().unwrap().ends_with(".js")
        {
            bytes += visitor.opens(&format!("/assets/{asset}")).await.body.len();
        }
    }
    assert!(bytes < 60 * 1024, "{bytes} bytes of HTML, CSS and script");
}
