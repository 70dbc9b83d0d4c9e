//! Hostile text in every field stays text.

use std::sync::Arc;

use pages::*;

use crate::markup::read;
use crate::office;
use crate::shelf;
use crate::states::{self, Visitor, shell};

const HOSTILE: &str = "\"><script>alert(1)</script>'&<img src=x onerror=alert(2)>";

fn hostile_shell(lang: Lang) -> Shell {
    let mut shell = shell(
        lang,
        &shelf(),
        Visitor::Owner,
        &format!("/orders/{HOSTILE}?q={HOSTILE}"),
    );
    shell.shop = Arc::new(ShopLook {
        name: h(),
        tagline: h(),
        intro: Some(h()),
        contact_email: h(),
        contact_phone: Some(h()),
        contact_hours: Some(h()),
        address: Some(h()),
        company: Some(h()),
        tax_id: Some(h()),
        footer_note: Some(h()),
    });
    shell.member = Some(MemberBadge {
        name: h(),
        picture: Some(format!("https://x/{HOSTILE}")),
        is_admin: true,
    });
    shell.csrf = h();
    shell.sandbox = Some(SandboxBanner {
        portal_url: h(),
        sheet_url: Some(h()),
        learn_url: Some(h()),
        lab_url: Some(h()),
    });
    shell.notice = Some(Flash {
        tone: Tone::Alert,
        text: h(),
    });
    shell
}

fn h() -> String {
    HOSTILE.to_owned()
}

fn moment() -> When {
    When {
        text: h(),
        iso: h(),
    }
}

fn item() -> LineItem {
    LineItem {
        name: h(),
        quantity: 2,
        unit_text: h(),
        subtotal_text: h(),
    }
}

fn attempt() -> AttemptView {
    AttemptView {
        number: 1,
        attempt_no: h(),
        method: Method::Other(h()),
        card_last4: Some("\"><i".into()),
        outcome: AttemptOutcome::Failed(Some(h())),
        at: moment(),
        trade_no: Some(h()),
    }
}

fn shop_pages(shell: &Shell) -> Vec<(&'static str, String)> {
    let mut shop = states::storefront_view();
    shop.csrf = h();
    shop.turnstile = Some(Turnstile {
        site_key: h(),
        script_url: format!("https://x/{HOSTILE}"),
        noscript_token: Some(h()),
    });
    shop.stale_since = Some(moment());
    shop.methods = vec![Method::Other(h())];
    for p in &mut shop.products {
        (p.id, p.name, p.description, p.price_text, p.checkout_key) = (h(), h(), h(), h(), h());
        p.image_url = Some(format!("https://x/{HOSTILE}"));
    }
    let sent = HandoverView {
        order_no: h(),
        amount_text: h(),
        gateway_url: h(),
        fields: vec![(h(), h())],
    };
    vec![
        ("storefront", storefront(shell, &shop).unwrap()),
        ("handover", handover(shell, &sent).unwrap()),
    ]
}

fn order_pages(shell: &Shell) -> Vec<(&'static str, String)> {
    let mut page = states::cvs_order_view();
    page.order_no = h();
    page.items = vec![item()];
    (page.total_text, page.refunded_text, page.buyer) = (h(), Some(h()), Some(h()));
    page.attempts = vec![attempt()];
    page.number = Some(PaymentNumber {
        place: PaymentPlace::Cvs { store: Some(h()) },
        number: h(),
        amount_text: h(),
        deadline: moment(),
    });
    page.pay = Some(PayAction {
        reason: PayReason::Again,
        csrf: h(),
        checkout_key: h(),
    });
    page.cancel_csrf = Some(h());
    page.has_receipt = true;
    page.times.placed = Some(moment());
    page.as_of = moment();
    let row = OrderRow {
        order_no: h(),
        status: OrderStatus::Paid,
        summary: h(),
        item_count: 2,
        total_text: h(),
        placed: moment(),
    };
    let list = OrdersView {
        rows: vec![row],
        newer_url: Some(h()),
        older_url: Some(h()),
    };
    let mut paper = states::receipt_view(true);
    (paper.order_no, paper.buyer, paper.trade_no) = (h(), Some(h()), Some(h()));
    paper.items = vec![item()];
    paper.refunded = Some((h(), h()));
    vec![
        ("order", order(shell, &page).unwrap()),
        ("orders", orders(shell, &list).unwrap()),
        ("receipt", receipt(shell, &paper).unwrap()),
    ]
}

fn told_pages(shell: &Shell) -> Vec<(&'static str, String)> {
    let problem = MessageView::of(Problem::Internal, shell.lang);
    let told = MessageView {
        title: h(),
        what: h(),
        next: h(),
        ..problem
    }
    .with_request_id(HOSTILE)
    .with_link(HOSTILE, HOSTILE);
    let refused = SignInProblemView {
        problem: SignInProblem::Rejected,
        retry_url: h(),
        request_id: Some(h()),
    };
    let own = format!("# {HOSTILE}\n{HOSTILE}\n- {HOSTILE}");
    let text = ProseView::of(Topic::Terms, shell.lang, &shell.shop, Some(&own));
    vec![
        ("message", message(shell, &told).unwrap()),
        ("sign_in_problem", sign_in_problem(shell, &refused).unwrap()),
        ("prose", prose(shell, &text).unwrap()),
    ]
}

fn decision() -> Decision {
    Decision {
        by: h(),
        at: moment(),
        reason: h(),
    }
}

fn office_pages(shell: &Shell) -> Vec<(&'static str, String)> {
    let mut admin = office::admin_view(true);
    admin.search = h();
    admin.rows[0].member = h();
    admin.rows[0].order_no = h();
    for (row, case) in admin.reviews.iter_mut().zip([Some(1), None]) {
        (row.kind, row.reason, row.order_no) = (h(), h(), Some(h()));
        (row.received, row.case) = (moment(), case);
    }
    admin.decided[0].decision = Some(decision());
    let refund = &mut admin.refunds[0];
    (refund.order_no, refund.amount_text, refund.words) = (h(), h(), h());
    (refund.requested_by, refund.changed) = (h(), moment());
    let mut one = office::refunds_view(false);
    (one.order_no, one.member, one.two_persons_text) = (h(), h(), h());
    one.attempts = vec![attempt()];
    one.trouble = Some(Trouble::TooMuch { left_text: h() });
    for row in &mut one.refunds {
        (row.no, row.amount_text, row.trade_no) = (h(), h(), h());
        (row.reason, row.requested_by, row.word) = (h(), h(), Some(h()));
        (row.approved_by, row.requested, row.changed) = (Some(h()), moment(), moment());
    }
    for payment in &mut one.payments {
        (payment.trade_no, payment.method) = (h(), Method::Other(h()));
        (payment.paid_text, payment.left_text) = (h(), h());
        payment.form = Some(RefundForm {
            refund_no: h(),
            amount: h(),
            reason: RefundReason::Other,
            note: h(),
        });
    }
    one.facts = vec![FactRow {
        seq: 1,
        recorded: moment(),
        kind: h(),
        source: h(),
        summary: h(),
    }];
    one.trail = vec![TrailRow {
        at: moment(),
        actor: h(),
        action: h(),
        code: h(),
        detail: h(),
    }];
    let mut case = office::case_view(0);
    (case.code, case.subject, case.trade_no) = (h(), h(), Some(h()));
    (case.said_text, case.detail, case.reason) = (Some(h()), h(), h());
    case.order = case.order.map(|order| CaseOrder { no: h(), ..order });
    let mut closed = case.clone();
    closed.decision = Some(decision());
    vec![
        ("admin_orders", admin_orders(shell, &admin).unwrap()),
        ("admin_order", admin_order(shell, &one).unwrap()),
        ("admin_case", admin_case(shell, &case).unwrap()),
        ("admin_case_closed", admin_case(shell, &closed).unwrap()),
    ]
}

fn hostile_pages(lang: Lang) -> Vec<(&'static str, String)> {
    let shell = hostile_shell(lang);
    let mut pages = shop_pages(&shell);
    pages.extend(order_pages(&shell));
    pages.extend(told_pages(&shell));
    pages.extend(office_pages(&shell));
    pages
}

#[test]
fn hostile_text_stays_text_wherever_it_comes_in() {
    for lang in Lang::ALL {
        for (name, html) in hostile_pages(lang) {
            // Were anything let through, the page would gain a tag, lose its nesting, or run a handler.
            for tag in read(name, &html) {
                assert!(
                    tag.name != "script" || tag.get("src").is_some_and(|src| !src.is_empty()),
                    "{name}"
                );
                assert!(
                    tag.attributes.iter().all(|(key, _)| !key.starts_with("on")),
                    "{name}: {}",
                    tag.name
                );
                assert!(tag.name != "i", "{name}: last four digits");
            }
            assert!(
                !html.contains("<script>alert") && !html.contains("<img src=x"),
                "{name}"
            );
            assert!(
                html.contains("alert(1)"),
                "{name}: the text itself must still be shown"
            );
        }
    }
}

#[test]
fn a_picture_from_a_strange_scheme_is_not_asked_for() {
    let mut view = states::storefront_view();
    for (product, url) in view.products.iter_mut().zip([
        "javascript:alert(1)",
        "http://x/a.png",
        "//x/a.png",
        "data:text/html,x",
        "a.png",
        "",
    ]) {
        product.image_url = Some(url.into());
    }
    let html = storefront(&shell(Lang::ZhTw, &shelf(), Visitor::Buyer, "/"), &view).unwrap();
    assert_eq!(html.matches("class=\"letter\"").count(), 6);
    assert!(
        !html.contains("javascript:") && !html.contains("//x/a.png") && !html.contains("data:text")
    );
}

#[test]
fn a_card_number_handed_in_by_mistake_is_cut_to_its_last_four() {
    let mut view = states::failed_order_view();
    view.attempts[0].card_last4 = Some("4147631000000001".into());
    let html = order(
        &shell(Lang::ZhTw, &shelf(), Visitor::Buyer, "/orders/X"),
        &view,
    )
    .unwrap();
    assert!(html.contains("末四碼 0001") && !html.contains("41476310"));
    let mut view = states::receipt_view(false);
    view.card_last4 = Some("4147631000000001".into());
    let html = receipt(
        &shell(Lang::ZhTw, &shelf(), Visitor::Buyer, "/orders/X/receipt"),
        &view,
    )
    .unwrap();
    assert!(html.contains("末四碼 0001") && !html.contains("41476310"));
}
