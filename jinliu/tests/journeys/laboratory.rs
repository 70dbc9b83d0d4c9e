//! The laboratory at `/lab`, over the demo's real listener.

use crate::shopper::Town;

const FORM: &str = "application/x-www-form-urlencoded";

async fn town() -> Town {
    let program = env!("CARGO_BIN_EXE_jinliu").into();
    Town::planned(|plan| plan.program = Some(program)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_gives_the_verdict_of_the_lab_and_touches_nothing_of_ours() {
    let town = town().await;
    let reader = town.stranger();
    for id in ["A01", "A22", "A24"] {
        let known = attacks::find(id).unwrap();
        let lab = jinliu::lab::Lab::new(env!("CARGO_BIN_EXE_jinliu").into());
        let expected = lab.play(&known).await;
        let page = reader.posts(&format!("/lab/{id}"), &[("do", "play")]).await;
        assert_eq!(page.status, 200, "{id}");
        assert!(page.body.contains("data-verdict=\"refused\""), "{id}");
        let caught = format!("data-caught=\"{}\"", expected.caught_by);
        assert!(page.body.contains(&caught), "{id}: {}", expected.caught_by);
    }
    let counted = town.world.shop.app.ledger.count_by_status().await.unwrap();
    let orders: u64 = counted.iter().map(|(_, orders)| orders).sum();
    assert_eq!(orders, 0, "an attack was played on the reader's own shop");
    town.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_page_of_ours_starts_an_attack() {
    let town = town().await;
    let url = town.shop("/lab/A01");
    let send = async |origin: Option<&str>, kind: &str, body: String| {
        let mut request = town.outside.post(&url).header("content-type", kind);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        request.body(body).send().await.unwrap().status().as_u16()
    };
    let play = || "do=play".to_owned();
    assert_eq!(send(None, FORM, play()).await, 403);
    assert_eq!(send(Some("https://evil.example"), FORM, play()).await, 403);
    let own = town.world.shop_url.clone();
    assert_eq!(send(Some(&own), "text/plain", play()).await, 415);
    let long = format!("do=play&x={}", "x".repeat(400 * 1024));
    assert_eq!(send(Some(&own), FORM, long).await, 413);
    assert_eq!(
        send(Some(&own), FORM, "do=play&do=play".to_owned()).await,
        400
    );
    for (path, status) in [
        ("/lab/A999", 404),
        ("/lab/fix/none", 404),
        ("/lab/assets/x.css", 404),
    ] {
        assert_eq!(town.stranger().opens(path).await.status, status, "{path}");
    }
    // A book is only read.
    let book = town
        .outside
        .post(town.shop("/learn"))
        .header("origin", &own);
    let book = book.header("content-type", FORM).body("x=1").send().await;
    assert_eq!(book.unwrap().status().as_u16(), 405);
    town.world.stop().await.unwrap();
}

/// What is typed into the doctor comes back neither as a key nor in an address.
#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_keeps_no_key() {
    let town = town().await;
    let secret = "0123456789abcdef-not-a-real-key0";
    let fields = [
        ("message", "Status=SUCCESS&EncryptInfo=00&HashInfo=AA"),
        ("key", secret),
        ("iv", "an-iv-of-16-byte"),
        ("path", ""),
    ];
    let page = town.stranger().posts("/lab/doctor", &fields).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("data-finding="));
    assert!(!page.body.contains(secret));
    town.world.stop().await.unwrap();
}
