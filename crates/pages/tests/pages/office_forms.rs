//! What the back office's forms send, and which of them are there.

use pages::*;

use crate::markup::{Tag, of, read};
use crate::office;
use crate::shelf;
use crate::states::{Visitor, shell};

fn page(view: &AdminOrderView, lang: Lang) -> String {
    let path = format!("/admin/orders/{}", office::ORDER);
    admin_order(&shell(lang, &shelf(), Visitor::Owner, &path), view).unwrap()
}

fn forms<'a>(tags: &'a [Tag], action: &str) -> Vec<&'a Tag> {
    let ends = |tag: &&Tag| tag.get("action").is_some_and(|to| to.ends_with(action));
    of(tags, "form").into_iter().filter(ends).collect()
}

fn with(state: RefundState, own: bool) -> AdminOrderView {
    AdminOrderView {
        refunds: vec![office::refund_row(state, office::actions(state, own))],
        ..office::admin_order_view(true)
    }
}

#[test]
fn a_refund_form_sends_what_is_read_and_its_amount_is_what_the_shop_prepared() {
    for lang in Lang::ALL {
        let html = page(&office::admin_order_view(true), lang);
        let form = html.split("<form class=\"fields\"").nth(1).unwrap();
        let form = form.split("</form>").next().unwrap();
        let tags = read("form", &format!("<form{form}</form>"));
        let names: Vec<&str> = tags.iter().filter_map(|tag| tag.get("name")).collect();
        assert_eq!(
            names,
            ["csrf", "refund_no", "trade_no", "amount", "reason", "note"]
        );
        let amount = tags.iter().find(|tag| tag.get("name") == Some("amount"));
        assert_eq!(amount.unwrap().get("value"), Some("2640"));
        for reason in RefundReason::ALL {
            assert!(form.contains(reason.label(Text::get(lang))));
            assert_eq!(RefundReason::from_key(reason.key()), Some(reason));
        }
    }
}

#[test]
fn several_payments_have_a_form_each_and_a_spent_one_has_none() {
    let html = page(&office::refunds_view(false), Lang::ZhTw);
    let tags = read("refunds", &html);
    assert_eq!(forms(&tags, "/refunds").len(), 2);
    let trades: Vec<_> = tags
        .iter()
        .filter(|tag| tag.get("name") == Some("trade_no"))
        .filter_map(|tag| tag.get("value"))
        .collect();
    assert_eq!(trades, ["1700000000000000002", "1700000000000000003"]);
    assert!(html.contains("沒有辦法由 PAYUNi 原路退回") && html.contains("登記匯款退款"));
    assert!(html.contains("這筆付款沒有可退的金額。"));
}

#[test]
fn whoever_asked_for_a_refund_is_not_offered_to_approve_it() {
    let other = page(&with(RefundState::Requested, false), Lang::ZhTw);
    let own = page(&with(RefundState::Requested, true), Lang::ZhTw);
    let (other, own_tags) = (read("other", &other), read("own", &own));
    assert_eq!(forms(&other, "/approve").len(), 1);
    assert_eq!(forms(&other, "/reject").len(), 1);
    assert_eq!(forms(&own_tags, "/approve").len(), 0);
    assert_eq!(forms(&own_tags, "/reject").len(), 1);
    assert!(own.contains("要由另一位管理員核准"));
}

#[test]
fn every_state_says_where_the_money_is_and_offers_only_what_is_possible() {
    let possible: [(RefundState, &[&str]); 10] = [
        (RefundState::Requested, &["/approve", "/reject"]),
        (RefundState::Rejected, &[]),
        (RefundState::Reserved, &["/reject"]),
        (RefundState::ToTransfer, &["/transferred", "/reject"]),
        (RefundState::Sent, &[]),
        (RefundState::InDoubt, &["/resolve"]),
        (RefundState::Done, &[]),
        (RefundState::Transferred, &[]),
        (RefundState::Refused, &[]),
        (RefundState::Reversed, &[]),
    ];
    for (state, offered) in possible {
        let html = page(&with(state, false), Lang::ZhTw);
        let t = Text::get(Lang::ZhTw);
        assert!(html.contains(state.label(t)) && html.contains(state.explanation(t)));
        let tags = read("state", &html);
        for action in ["/approve", "/reject", "/transferred", "/resolve"] {
            let there = usize::from(offered.contains(&action));
            assert_eq!(forms(&tags, action).len(), there, "{state:?} {action}");
        }
    }
}

#[test]
fn an_old_sign_in_finds_a_way_to_renew_it_and_no_form() {
    let html = page(&office::trouble_view(Trouble::SignInAgain), Lang::ZhTw);
    let tags = read("stale", &html);
    assert!(forms(&tags, "/refunds").is_empty());
    let way = format!(
        "/auth/google?next=/admin/orders/{}&account=choose",
        office::ORDER
    );
    let links = of(&tags, "a");
    let hrefs = links.iter().filter_map(|tag| tag.get("href"));
    let hrefs: Vec<String> = hrefs.map(|href| href.replace("&#38;", "&")).collect();
    assert!(hrefs.contains(&way), "{hrefs:?}");
    let mut case = office::case_view(0);
    case.sign_in_again = Some(5);
    let shell = shell(Lang::ZhTw, &shelf(), Visitor::Owner, "/admin/cases/1");
    let html = admin_case(&shell, &case).unwrap();
    assert!(forms(&read("case", &html), "/decide").is_empty());
    assert!(html.contains("請重新登入以確認是您本人") && html.contains("要再填一次"));
}

#[test]
fn what_was_typed_is_still_there_after_a_refusal_which_says_what_happened_to_the_money() {
    for trouble in office::troubles() {
        for lang in Lang::ALL {
            let html = page(&office::trouble_view(trouble.clone()), lang);
            let words = trouble.words(Text::get(lang));
            assert!(
                html.contains("role=\"alert\"") && html.contains(&words),
                "{trouble:?}"
            );
            assert!((400..600).contains(&trouble.status()), "{trouble:?}");
            if trouble != Trouble::SignInAgain {
                assert!(html.contains("value=\"3000\"") && html.contains("value=\"包裝破損\""));
                assert!(html.contains("<option value=\"other\" selected>"));
            }
        }
    }
}

#[test]
fn every_case_is_explained_with_its_own_values_and_closed_with_a_reason() {
    for at in 0..office::CASES.len() {
        let view = office::case_view(at);
        let shell = shell(Lang::ZhTw, &shelf(), Visitor::Owner, "/admin/cases/1");
        let html = admin_case(&shell, &view).unwrap();
        assert!(!html.contains("這一類情況沒有說明"), "{}", view.code);
        let tags = read("case", &html);
        assert_eq!(forms(&tags, "/decide").len(), 1);
        let reason = of(&tags, "textarea");
        assert_eq!(reason[0].get("maxlength"), Some("300"));
        assert!(reason[0].get("required").is_some());
        let closed = CaseView {
            decision: Some(office::decision()),
            ..view
        };
        let html = admin_case(&shell, &closed).unwrap();
        assert!(forms(&read("closed", &html), "/decide").is_empty());
        assert!(html.contains("chen@island.example") && html.contains("2026/11/24 10:12"));
    }
    let html = admin_case(
        &shell(Lang::ZhTw, &shelf(), Visitor::Owner, "/admin/cases/1"),
        &office::case_view(0),
    )
    .unwrap();
    assert!(html.contains("通知說 NT$\u{a0}2,639，訂單是 NT$\u{a0}2,640。"));
}

#[test]
fn what_waits_is_counted_by_what_it_needs() {
    let view = office::admin_view(true);
    let counts = RefundCounts {
        requested: 1,
        to_transfer: 1,
        in_doubt: 1,
        refused: 1,
    };
    assert_eq!(view.counts(), counts);
    let html = admin_orders(
        &shell(Lang::ZhTw, &shelf(), Visitor::Owner, "/admin"),
        &view,
    )
    .unwrap();
    for words in ["待核准 1", "等待匯款 1", "不確定 1", "被拒絕 1"] {
        assert!(html.contains(words), "{words}");
    }
    let folded = html.split("<details").nth(1).unwrap();
    assert!(folded.contains("/admin/cases/2") && !html.contains("<details open"));
}
