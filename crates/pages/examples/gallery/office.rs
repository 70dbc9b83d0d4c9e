//! Made-up views of the back office: for the gallery and for the tests.

use pages::money::twd;
use pages::*;

use crate::states::{items, order_view, when};

pub(crate) const ORDER: &str = "2611235M9QWXT4R8NJ7K2A";
const TRADE: &str = "1700000000000000001";
const OWNER: &str = "owner@island.example";
const OTHER: &str = "chen@island.example";

/// Every kind of case, with what it speaks of: an order of ours, an amount, values.
pub(crate) const CASES: [(&str, bool, Option<u64>, &str); 12] = [
    ("L3.amount", true, Some(2639), "2640 ≠ 2639"),
    ("L4.late", true, None, ""),
    ("L4.surplus", true, None, ""),
    ("L5.contradiction", true, Some(2640), "paid ≠ 尚未付款"),
    ("L3.unknown_order", false, Some(880), "paid"),
    ("L3.merchant", false, Some(880), "S11111111"),
    ("L3.currency", true, Some(2640), "USD"),
    ("L3.mis_posted", true, Some(2600), "→ 1700000000000000009"),
    ("L3.unknown_value", true, Some(2640), "TradeStatus 7"),
    ("L4.trade_of_another", true, Some(2640), ""),
    ("L5.refund_reversed", true, Some(500), ORDER),
    ("L3.other_notice", false, None, "invoice"),
];

pub(crate) fn decision() -> Decision {
    Decision {
        by: OTHER.into(),
        at: when("2026/11/24 10:12"),
        reason: "已在 PAYUNi 後台查過，實收 NT$ 2,640。\n通知金額有誤，訂單照常處理。".into(),
    }
}

pub(crate) fn case_view(at: usize) -> CaseView {
    let (code, ours, said, detail) = CASES[at];
    CaseView {
        n: i64::try_from(at).unwrap_or(0) + 1,
        code: code.into(),
        subject: if ours { ORDER } else { "SHOP2-000871" }.into(),
        trade_no: said.map(|_| TRADE.into()),
        said_text: said.map(twd),
        detail: detail.into(),
        received: when("2026/11/23 14:05"),
        order: ours.then(|| CaseOrder {
            no: ORDER.into(),
            status: OrderStatus::Review,
            total_text: twd(2640),
            refundable: matches!(code, "L4.late" | "L4.surplus"),
        }),
        decision: None,
        reason: String::new(),
        sign_in_again: None,
        trouble: None,
    }
}

fn review(at: usize) -> ReviewRow {
    let (code, ours, said, detail) = CASES[at];
    let known = [said.map(twd), Some(detail.to_owned())];
    let known: Vec<String> = known
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect();
    ReviewRow {
        case: i64::try_from(at).ok(),
        kind: code.into(),
        reason: known.join(" · "),
        order_no: ours.then(|| ORDER.into()),
        received: when("2026/11/23 14:05"),
        decision: None,
    }
}

pub(crate) fn admin_view(full: bool) -> AdminOrdersView {
    if !full {
        return AdminOrdersView::default();
    }
    let open = |state, words: &str, amount| OpenRefund {
        order_no: ORDER.into(),
        amount_text: twd(amount),
        state,
        words: words.into(),
        requested_by: OWNER.into(),
        changed: when("2026/11/24 09:40"),
    };
    let row = |(at, status): (usize, OrderStatus)| AdminRow {
        order_no: format!("{}{at}", &ORDER[..21]),
        status,
        total_text: twd(2640),
        member: "mei@buyer.example".into(),
        method: [Method::Card, Method::Atm, Method::LinePay, Method::Unknown][at % 4].clone(),
        created: when("2026/11/23 14:00"),
        paid: (status == OrderStatus::Fulfilled).then(|| when("2026/11/23 14:05")),
    };
    let mut reviews: Vec<ReviewRow> = [0, 1, 4].map(review).into();
    reviews.push(ReviewRow {
        case: None,
        kind: "products".into(),
        reason: "商品第 7 列沒有上架：價格不是整數".into(),
        order_no: None,
        received: when("2026/11/23 13:00"),
        decision: None,
    });
    AdminOrdersView {
        refunds: vec![
            open(RefundState::Requested, "商品缺貨", 12_640),
            open(RefundState::InDoubt, "買家要求", 2640),
            open(RefundState::ToTransfer, "重複付款：第二筆超商繳費", 980),
            open(RefundState::Refused, "REFUND02001 已超過可退款期限", 1280),
        ],
        reviews,
        decided: vec![ReviewRow {
            decision: Some(decision()),
            ..review(2)
        }],
        rows: OrderStatus::ALL.into_iter().enumerate().map(row).collect(),
        filters: OrderStatus::ALL
            .into_iter()
            .map(|status| AdminFilter { status, count: 3 })
            .collect(),
        selected: Some(OrderStatus::Paid),
        search: "mei".into(),
        newer_url: Some("/admin?page=1".into()),
        older_url: Some("/admin?page=3".into()),
    }
}

pub(crate) fn refund_row(state: RefundState, actions: RefundActions) -> RefundRow {
    let word = match state {
        RefundState::Refused => Some("REFUND02001 已超過可退款期限"),
        RefundState::InDoubt => Some("PAYUNi 查詢還看不出結果"),
        RefundState::Rejected => Some("買家說不用退了"),
        RefundState::Reversed => Some("RefundStatus 3"),
        RefundState::Requested
        | RefundState::Reserved
        | RefundState::ToTransfer
        | RefundState::Sent
        | RefundState::Done
        | RefundState::Transferred => None,
    };
    RefundRow {
        no: format!(
            "R5M9QWXT4R8NJ7K{}",
            RefundState::ALL
                .iter()
                .position(|known| *known == state)
                .unwrap_or(0)
        ),
        amount_text: twd(12_640),
        state,
        trade_no: TRADE.into(),
        reason: "商品缺貨：廠商停產，已電話告知買家".into(),
        requested_by: OWNER.into(),
        requested: when("2026/11/24 09:40"),
        approved_by: (state == RefundState::Done).then(|| OTHER.into()),
        changed: when("2026/11/24 09:41"),
        word: word.map(str::to_owned),
        actions,
    }
}

/// What the reader may do with a refund in a state; `own` where they asked for it.
pub(crate) fn actions(state: RefundState, own: bool) -> RefundActions {
    let waits = state == RefundState::Requested;
    RefundActions {
        approve: waits && !own,
        reject: waits || matches!(state, RefundState::Reserved | RefundState::ToTransfer),
        transferred: state == RefundState::ToTransfer,
        resolve: state == RefundState::InDoubt,
        own: waits && own,
    }
}

pub(crate) fn payment(way: RefundWay, method: Method, left: u64, trade_no: &str) -> PaymentRefund {
    PaymentRefund {
        trade_no: trade_no.into(),
        method,
        paid_text: twd(2640),
        left_text: twd(left),
        way,
        form: (left > 0).then(|| RefundForm {
            refund_no: format!("R{trade_no}"),
            amount: left.to_string(),
            reason: RefundReason::default(),
            note: String::new(),
        }),
    }
}

pub(crate) fn admin_order_view(full: bool) -> AdminOrderView {
    let fact = |seq, kind: &str, source: &str, summary: &str| FactRow {
        seq,
        recorded: when("2026/11/23 14:05"),
        kind: kind.into(),
        source: source.into(),
        summary: summary.into(),
    };
    let trail = |actor: &str, action: &str, code: &str, detail: &str| TrailRow {
        at: when("2026/11/24 09:40"),
        actor: actor.into(),
        action: action.into(),
        code: code.into(),
        detail: detail.into(),
    };
    let empty = AdminOrderView {
        order_no: ORDER.into(),
        status: OrderStatus::Pending,
        member: "mei@buyer.example".into(),
        created: when("2026/11/23 14:00"),
        items: items(),
        total_text: twd(2640),
        refunded_text: None,
        attempts: vec![],
        refunds: vec![],
        payments: vec![],
        two_persons_text: twd(10_000),
        may_cancel: true,
        sign_in_again: None,
        trouble: None,
        facts: vec![],
        trail: vec![],
    };
    if !full {
        return empty;
    }
    AdminOrderView {
        status: OrderStatus::Fulfilled,
        may_cancel: false,
        attempts: order_view(OrderStatus::Fulfilled).attempts,
        payments: vec![payment(RefundWay::Card, Method::Card, 2640, TRADE)],
        facts: vec![
            fact(
                104,
                "told",
                "notice",
                "told/…/failed/2640 · pending → pending",
            ),
            fact(108, "told", "notice", "told/…/paid/2640 · pending → paid"),
            fact(109, "asked", "query", "asked/…/paid/2640 · paid → paid"),
            fact(110, "delivered", "shop", "delivered · paid → fulfilled"),
        ],
        trail: vec![
            trail("payuni", "refused", "L2.hash", "notice"),
            trail(
                OWNER,
                "refund",
                "requested",
                "NT$ 12,640 1700000000000000001 · 商品缺貨",
            ),
            trail(
                "shop",
                "refund",
                "done",
                "NT$ 12,640 1700000000000000001 · ",
            ),
        ],
        ..empty
    }
}

/// An order with a refund in every state, as the requester or another administrator sees it.
pub(crate) fn refunds_view(own: bool) -> AdminOrderView {
    let row = |state| refund_row(state, actions(state, own));
    AdminOrderView {
        status: OrderStatus::PartiallyRefunded,
        refunded_text: Some(twd(1280)),
        refunds: RefundState::ALL.map(row).into(),
        payments: vec![
            payment(
                RefundWay::LinePay,
                Method::LinePay,
                1360,
                "1700000000000000002",
            ),
            payment(RefundWay::ByHand, Method::Cvs, 2640, "1700000000000000003"),
            payment(RefundWay::Card, Method::Card, 0, "1700000000000000004"),
        ],
        ..admin_order_view(true)
    }
}

/// Everything that can keep an act from being carried out.
pub(crate) fn troubles() -> Vec<Trouble> {
    vec![
        Trouble::SignInAgain,
        Trouble::BadAmount,
        Trouble::TooMuch {
            left_text: twd(1360),
        },
        Trouble::WholeOnly,
        Trouble::TooLate,
        Trouble::NoPayment,
        Trouble::NoReason,
        Trouble::LongReason,
        Trouble::GatewaySilent,
        Trouble::UnderWay,
        Trouble::NothingThere,
        Trouble::SamePerson,
        Trouble::Moved,
    ]
}

/// The order's page after an act that was not carried out.
pub(crate) fn trouble_view(trouble: Trouble) -> AdminOrderView {
    let stale = trouble == Trouble::SignInAgain;
    let mut view = admin_order_view(true);
    for payment in &mut view.payments {
        payment.form = payment
            .form
            .take()
            .filter(|_| !stale)
            .map(|form| RefundForm {
                amount: "3000".into(),
                reason: RefundReason::Other,
                note: "包裝破損".into(),
                ..form
            });
    }
    view.sign_in_again = stale.then_some(5);
    view.trouble = Some(trouble);
    view
}
