//! Messages that are not what they seem. None moves money; a stranger learns nothing from the refusal.

use crate::{
    evidence::{Form, genuine, hash_of, outer, paid_card, sealed_by, with},
    shopper::{Shopper, Town},
};
use serde_json::json;

/// An order that waits for its payment, and the fields of a notice that would settle it.
async fn waiting(town: &Town, buyer: &Shopper) -> (String, String) {
    let no = buyer.checks_out().await.order_no;
    let amount = town.book(&no).await.order().amount.dollars().to_string();
    (no, amount)
}

fn sealed_text(form: &Form) -> &str {
    &form
        .iter()
        .find(|(name, _)| name == "EncryptInfo")
        .unwrap()
        .1
}

/// The same message with another sealed text, and the hash that belongs to it.
fn rehashed(form: &Form, text: &str) -> Form {
    with(
        &with(form, "EncryptInfo", Some(text)),
        "HashInfo",
        Some(&hash_of(text)),
    )
}

/// A good message, and what may be done to it on the way or by somebody without the keys.
fn broken(good: &Form, fields: &[(&str, &str)]) -> Vec<(&'static str, Form)> {
    let text = sealed_text(good).to_owned();
    let plain = String::from_utf8(hex::decode(&text).unwrap()).unwrap();
    let (body, tag) = plain.split_once(":::").unwrap();
    let again = |plain: String| rehashed(good, &hex::encode(plain));
    let stranger = payuni::Merchant::parse("OTHER", &"k".repeat(32), &"i".repeat(16)).unwrap();
    let flipped = |at: usize| {
        let mut text = text.clone().into_bytes();
        text[at] = if text[at] == b'4' { b'5' } else { b'4' };
        String::from_utf8(text).unwrap()
    };
    let mut other = body.as_bytes().to_vec();
    other[7] = if other[7] == b'A' { b'B' } else { b'A' };
    vec![
        (
            "a hash of zeros",
            with(good, "HashInfo", Some(&"0".repeat(64))),
        ),
        (
            "a hash without key",
            with(good, "HashInfo", Some(&"0E".repeat(32))),
        ),
        (
            "the first digit changed",
            with(good, "EncryptInfo", Some(&flipped(0))),
        ),
        (
            "the last digit changed",
            with(good, "EncryptInfo", Some(&flipped(text.len() - 1))),
        ),
        (
            "a ciphertext changed, its hash renewed",
            again(format!("{}:::{tag}", String::from_utf8(other).unwrap())),
        ),
        ("a short tag", again(format!("{body}:::{}", &tag[..16]))),
        ("no tag", again(format!("{body}:::"))),
        ("no separator", again(body.to_owned())),
        ("two tags", again(format!("{body}:::{tag}:::{tag}"))),
        (
            "not hexadecimal",
            rehashed(good, &format!("{}zz", &text[..text.len() - 2])),
        ),
        ("an odd digit", rehashed(good, &text[..text.len() - 1])),
        ("another shop's keys", sealed_by(&stranger, fields)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_authentic_is_refused_with_one_answer() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let (no, amount) = waiting(&town, &buyer).await;
    let fields = paid_card(&no, "T1", &amount);
    let good = genuine(&fields);
    let before = town.money().await;
    let mut answers = Vec::new();
    for (what, form) in broken(&good, &fields) {
        let answer = town.tells(&form).await;
        assert_eq!(answer.status, 401, "{what}: {}", answer.body);
        answers.push(answer.body);
    }
    answers.dedup();
    assert_eq!(answers, ["not authentic\n"]);
    for (what, form) in [
        ("no hash", with(&good, "HashInfo", None)),
        ("an empty hash", with(&good, "HashInfo", Some(""))),
        (
            "no text",
            with(&with(&good, "EncryptInfo", None), "Status", Some("ERROR")),
        ),
        (
            "a field twice",
            [good.clone(), vec![("HashInfo".to_owned(), "0".repeat(64))]].concat(),
        ),
        ("nothing", Form::new()),
    ] {
        assert_eq!(town.tells(&form).await.status, 400, "{what}");
    }
    assert_eq!(town.money().await, before);
    town.is_unpaid(&no, "pending").await;
    let metrics = town.metrics().await;
    for code in ["L2.hash", "L2.tag", "L2.encoding", "L2.malformed"] {
        assert!(
            metrics.contains(&format!("jinliu_refused_total{{code=\"{code}\"}}")),
            "{code}: {metrics}"
        );
    }
    // The same message unharmed is believed: the refusals above refused for their own reasons.
    assert_eq!(town.tells(&good).await.body, "OK");
    assert_eq!(town.status(&no).await, "paid");
    // And still nothing is delivered, since PAYUNi, asked, knows of no such payment.
    town.asks().await;
    assert_eq!(
        (town.status(&no).await.as_str(), town.deliveries.of(&no)),
        ("paid", 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_form_sent_back_is_no_result() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let mut form: Form = sealed.fields.clone().into_iter().collect();
    form.push(("Status".to_owned(), "SUCCESS".to_owned()));
    let before = town.money().await;
    let answer = town.tells(&form).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    let back = Shopper::read(
        town.outside
            .post(town.shop("/payuni/return"))
            .form(&form)
            .send()
            .await
            .unwrap(),
    )
    .await;
    // The client follows the redirect to the list of orders, which asks a stranger to sign in.
    assert_ne!(back.status, 500);
    assert_eq!(town.money().await, before);
    town.asks().await;
    town.is_unpaid(&sealed.order_no, "pending").await;
    let metrics = town.metrics().await;
    assert!(metrics.contains("code=\"L3.direction\"} 2"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unsigned_status_outside_counts_for_nothing() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    town.fault(json!({"kind": "drop_notice", "mer_trade_no": no}))
        .await;
    buyer.pays(&sealed, "card_decline").await;
    let declined = outer(&town.messages(no, "notice").await[0]);
    let flipped = with(&declined, "Status", Some("SUCCESS"));
    let answer = town.tells(&flipped).await;
    assert_eq!(answer.status, 422, "{}", answer.body);
    town.outside
        .post(town.shop("/payuni/return"))
        .form(&flipped)
        .send()
        .await
        .unwrap();
    town.is_unpaid(no, "pending").await;
    let page = buyer.opens(&format!("/orders/{no}")).await;
    let heading = page
        .body
        .split("</h1>")
        .next()
        .unwrap()
        .rsplit("<h1>")
        .next()
        .unwrap();
    assert!(
        heading.contains("待付款") || heading.contains("付款"),
        "{heading}"
    );
    assert!(
        !heading.contains("已付款") && !heading.contains("已完成"),
        "{heading}"
    );
    // Inside, it says declined, and so it is told.
    assert_eq!(town.tells(&declined).await.body, "OK");
    town.is_unpaid(no, "pending").await;
    assert!(
        town.facts(no)
            .await
            .iter()
            .any(|fact| fact.contains("/failed/"))
    );
    // Another merchant's number outside than inside.
    let other = with(&declined, "MerID", Some("OTHER"));
    assert_eq!(town.tells(&other).await.status, 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_nonsense_is_refused_field_by_field() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let (no, amount) = waiting(&town, &buyer).await;
    let good = paid_card(&no, "T2", &amount);
    let before = town.money().await;
    let changed = |name: &str, value: &'static str| {
        let mut fields: Vec<(&str, &str)> = good.clone();
        for field in fields.iter_mut().filter(|(known, _)| *known == name) {
            field.1 = value;
        }
        genuine(&fields)
    };
    for amount in [
        "680.0",
        "6e2",
        "+680",
        " 680",
        "6,80",
        "0680",
        "0x2a8",
        "６８０",
        "680\0",
        "",
        "-680",
        "0",
        "2147483648",
        "9223372036854775808",
        "18446744073709552616",
    ] {
        let answer = town.tells(&changed("TradeAmt", amount)).await;
        assert_eq!(answer.status, 422, "TradeAmt={amount:?}: {}", answer.body);
    }
    for missing in [
        "Status",
        "MerID",
        "MerTradeNo",
        "TradeNo",
        "TradeAmt",
        "TradeStatus",
    ] {
        let fields: Vec<_> = good
            .iter()
            .copied()
            .filter(|(name, _)| *name != missing)
            .collect();
        let answer = town.tells(&genuine(&fields)).await;
        assert_eq!(answer.status, 422, "without {missing}: {}", answer.body);
    }
    for extra in [
        ("NotifyURL", "https://shop.example.tw/payuni/notify"),
        ("ReturnURL", "https://shop.example.tw/"),
        ("ProdDesc", "茶"),
        ("TradeAmt", "1"),
        ("TradeStatus", "0"),
        ("Result[0][TradeStatus]", "1"),
        ("TradeAmt[]", "680"),
    ] {
        let mut fields = good.clone();
        fields.push(extra);
        let answer = town.tells(&genuine(&fields)).await;
        assert!(
            matches!(answer.status, 401 | 422),
            "{extra:?}: {} {}",
            answer.status,
            answer.body
        );
    }
    assert_eq!(town.money().await, before);
    town.is_unpaid(&no, "pending").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_nobody_documented_wait_for_a_person() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    for (name, value) in [
        ("TradeStatus", "7"),
        ("TradeStatus", "99"),
        ("PaymentType", "99"),
        // Claims the money in one field and denies it in another.
        ("Status", "OK"),
        ("Status", "UNKNOWN"),
        ("Status", "UNAPPROVED"),
    ] {
        let (no, amount) = waiting(&town, &buyer).await;
        let mut fields = paid_card(&no, "T3", &amount);
        for field in fields.iter_mut().filter(|(known, _)| *known == name) {
            field.1 = value;
        }
        let answer = town.tells(&genuine(&fields)).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (200, "OK"),
            "{name}={value}"
        );
        town.is_unpaid(&no, "review").await;
        assert_eq!(
            town.cases(&no).await,
            ["L3.unknown_value"],
            "{name}={value}"
        );
    }
    // Other kinds of notices are kept, and settle nothing.
    let (no, amount) = waiting(&town, &buyer).await;
    let mut shipment = paid_card(&no, "T4", &amount);
    shipment.push(("ApiType", "ShipStatus"));
    assert_eq!(town.tells(&genuine(&shipment)).await.body, "OK");
    town.is_unpaid(&no, "pending").await;
    assert_eq!(town.cases(&no).await, ["L3.other_notice"]);
}
