//! What the forms send, and whom they are shown to.

use std::collections::HashSet;

use pages::*;

use crate::markup::{of, read};
use crate::shelf;
use crate::states::{self, Visitor, shell};

#[test]
fn a_product_form_sends_what_checkout_reads_and_nothing_about_money() {
    let html = storefront(
        &shell(Lang::ZhTw, &shelf(), Visitor::Buyer, "/"),
        &states::storefront_view(),
    )
    .unwrap();
    let forms: Vec<&str> = html
        .split("<form class=\"buy\"")
        .skip(1)
        .map(|f| f.split("</form>").next().unwrap())
        .collect();
    assert_eq!(forms.len(), 6);
    let mut keys = HashSet::new();
    for form in forms {
        assert!(
            form.starts_with(" method=\"post\" action=\"/checkout\">"),
            "{form}"
        );
        let tags = read("form", &format!("<form{form}</form>"));
        let names: Vec<&str> = tags.iter().filter_map(|tag| tag.get("name")).collect();
        assert_eq!(names, ["csrf", "checkout_key", "product_id", "quantity"]);
        keys.insert(
            tags.iter()
                .find(|t| t.get("name") == Some("checkout_key"))
                .unwrap()
                .get("value")
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(keys.len(), 6);
    // Three are left of the notebook: no more can be chosen.
    assert!(html.contains("<option>3</option></select></label>\n<button class=\"button\" aria-label=\"購買「月桃紙線裝筆記本」\">"));
}

#[test]
fn a_stranger_is_led_to_sign_in_and_a_sold_out_product_to_nothing() {
    let shelf = shelf();
    let mut view = states::storefront_view();
    let html = storefront(&shell(Lang::ZhTw, &shelf, Visitor::Stranger, "/"), &view).unwrap();
    assert!(!html.contains("<form"));
    assert_eq!(html.matches("登入後購買</a>").count(), 6);
    assert!(html.contains("href=\"/auth/google?next=/\""));
    for product in &mut view.products {
        product.stock = Stock::SoldOut;
    }
    let html = storefront(&shell(Lang::ZhTw, &shelf, Visitor::Buyer, "/"), &view).unwrap();
    assert!(!html.contains("action=\"/checkout\""));
    assert_eq!(
        html.matches("<p class=\"button off\">已售完</p>").count(),
        6
    );
}

#[test]
fn the_handover_has_exactly_one_form_with_the_fields_in_order() {
    for lang in Lang::ALL {
        let html = handover(
            &shell(lang, &shelf(), Visitor::Buyer, "/checkout"),
            &states::handover_view(),
        )
        .unwrap();
        let tags = read("handover", &html);
        assert_eq!(of(&tags, "form").len(), 1);
        assert_eq!(
            of(&tags, "form")[0].get("action"),
            Some("http://localhost:8081/api/upp")
        );
        let names: Vec<&str> = of(&tags, "input")
            .iter()
            .map(|tag| tag.get("name").unwrap())
            .collect();
        assert_eq!(names, ["MerID", "Version", "EncryptInfo", "HashInfo"]);
        assert!(
            tags.iter()
                .all(|tag| tag.name != "button" || tag.get("name").is_none()),
            "the button must add no field"
        );
    }
    assert!(!format!("{:?}", states::handover_view()).contains("00ff00ff"));
}

#[test]
fn an_order_that_waits_is_followed_and_one_that_ended_is_not() {
    for status in OrderStatus::ALL {
        let html = order(
            &shell(Lang::ZhTw, &shelf(), Visitor::Buyer, "/orders/X"),
            &states::order_view(status),
        )
        .unwrap();
        let waits = status.refresh_s().is_some();
        assert_eq!(
            html.contains("data-live=\"/orders/J7K2M9QWXT4R8N/events\""),
            waits,
            "{status:?}"
        );
        assert_eq!(
            html.contains("<noscript><meta http-equiv=\"refresh\""),
            waits,
            "{status:?}"
        );
        assert!(
            html.contains(status.label(Text::get(Lang::ZhTw))),
            "{status:?}"
        );
        assert_eq!(OrderStatus::from_key(status.key()), Some(status));
    }
}

#[test]
fn a_payment_number_is_grouped_for_reading_and_whole_for_copying() {
    let html = order(
        &shell(Lang::ZhTw, &shelf(), Visitor::Buyer, "/orders/X"),
        &states::cvs_order_view(),
    )
    .unwrap();
    assert!(html.contains("<span>PYU2</span><span>6112</span><span>3004</span><span>512</span>"));
    assert!(html.contains("data-copy=\"PYU261123004512\""));
    assert!(html.contains("<time class=\"deadline\" datetime=\"2026-11-26T14:03:00+08:00\">"));
}
