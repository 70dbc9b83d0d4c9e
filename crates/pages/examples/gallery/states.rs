//! Made-up views of every page: for the gallery and for the tests.

#![expect(clippy::unwrap_used, reason = "made-up values of our own")]

use std::sync::Arc;

use pages::assets::Assets;
use pages::money::twd;
use pages::*;

/// What the visitor is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visitor {
    Stranger,
    Buyer,
    Owner,
}

pub(crate) fn when(text: &str) -> When {
    When {
        text: text.into(),
        iso: format!("{}:00+08:00", text.replace('/', "-").replace(' ', "T")),
    }
}

pub(crate) fn shell(lang: Lang, assets: &Assets, visitor: Visitor, path: &str) -> Shell {
    let zh = lang == Lang::ZhTw;
    Shell {
        lang,
        shop: Arc::new(ShopLook {
            name: "島嶼選物".into(),
            tagline: if zh { "把島上的好東西，帶回日常" } else { "Good things from the island, for every day" }.into(),
            intro: Some(
                if zh { "從山上的茶園到海邊的窯，我們一件一件挑，直接向做的人買。" } else { "From mountain tea gardens to seaside kilns: chosen one by one, bought from those who make them." }
                    .into(),
            ),
            contact_email: "service@island.example".into(),
            contact_phone: Some("02-0000-0000".into()),
            contact_hours: Some(if zh { "週一至週五 10:00–18:00" } else { "Mon–Fri 10:00–18:00" }.into()),
            address: Some("臺北市中正區示範路 1 號".into()),
            company: Some("島嶼選物有限公司".into()),
            tax_id: Some("00000000".into()),
            footer_note: None,
        }),
        assets: Arc::new(assets.urls().clone()),
        member: (visitor != Visitor::Stranger).then(|| MemberBadge {
            name: "林小美".into(),
            picture: None,
            is_admin: visitor == Visitor::Owner,
        }),
        csrf: "f3Qx0Zk2".into(),
        path: path.into(),
        sandbox: Some(SandboxBanner {
            portal_url: "http://localhost:8081/".into(),
            sheet_url: Some("http://localhost:8082/sheets/demo".into()),
            learn_url: Some("/learn".into()),
            lab_url: Some("/lab".into()),
        }),
        notice: None,
    }
}

/// The demo's own file, so that what is looked at is what is sold.
const DEMO_SHOP: &str = include_str!("../../../shop/src/settings/demo.toml");

/// The demo catalogue as the storefront shows it.
pub(crate) fn products() -> Vec<ProductCard> {
    let table: toml::Table = DEMO_SHOP.parse().unwrap();
    table["product"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
        .map(|(at, p)| {
            let stock = u32::try_from(p["stock"].as_integer().unwrap()).unwrap();
            ProductCard {
                id: p["id"].as_str().unwrap().into(),
                name: p["name"].as_str().unwrap().into(),
                description: p["description"].as_str().unwrap().into(),
                image_url: Some(p["image"].as_str().unwrap().into()),
                price_text: twd(p["price"].as_integer().unwrap().try_into().unwrap()),
                stock: if stock <= 3 {
                    Stock::Low(stock)
                } else {
                    Stock::InStock
                },
                quantity_max: stock,
                checkout_key: format!("key{at}"),
            }
        })
        .collect()
}

pub(crate) fn storefront_view() -> StorefrontView {
    StorefrontView {
        products: products(),
        methods: vec![Method::Card, Method::Atm, Method::Cvs, Method::LinePay],
        csrf: "f3Qx0Zk2".into(),
        turnstile: None,
        stale_since: None,
    }
}

pub(crate) fn items() -> Vec<LineItem> {
    vec![
        LineItem {
            name: "阿里山高山烏龍茶".into(),
            quantity: 2,
            unit_text: twd(680),
            subtotal_text: twd(1360),
        },
        LineItem {
            name: "鶯歌手作對杯".into(),
            quantity: 1,
            unit_text: twd(1280),
            subtotal_text: twd(1280),
        },
    ]
}

fn attempt(number: u32, method: Method, outcome: AttemptOutcome) -> AttemptView {
    AttemptView {
        number,
        attempt_no: format!("J7K2M9QWXT4R8N{number}A"),
        card_last4: (method == Method::Card).then(|| "5306".into()),
        method,
        outcome,
        at: when("2026/11/23 14:02"),
        trade_no: Some("1700000000000000001".into()),
    }
}

fn attempts(status: OrderStatus) -> Vec<AttemptView> {
    match status {
        OrderStatus::Pending | OrderStatus::Cancelled => vec![],
        OrderStatus::AwaitingTransfer => {
            vec![attempt(1, Method::Atm, AttemptOutcome::NumberIssued)]
        }
        OrderStatus::Expired => vec![attempt(1, Method::Cvs, AttemptOutcome::Expired)],
        OrderStatus::Confirming => vec![attempt(1, Method::Unknown, AttemptOutcome::Started)],
        OrderStatus::Paid
        | OrderStatus::Fulfilled
        | OrderStatus::Review
        | OrderStatus::PartiallyRefunded
        | OrderStatus::Refunded => vec![
            attempt(2, Method::Card, AttemptOutcome::Succeeded),
            attempt(
                1,
                Method::Card,
                AttemptOutcome::Failed(Some("授權失敗：額度不足".into())),
            ),
        ],
    }
}

fn pay_reason(status: OrderStatus) -> Option<PayReason> {
    if status == OrderStatus::Pending {
        Some(PayReason::First)
    } else {
        (status == OrderStatus::AwaitingTransfer).then_some(PayReason::Change)
    }
}

fn pay_action(reason: PayReason) -> PayAction {
    PayAction {
        reason,
        csrf: "f3Qx0Zk2".into(),
        checkout_key: "key".into(),
    }
}

pub(crate) fn order_view(status: OrderStatus) -> OrderView {
    let paid = matches!(
        status,
        OrderStatus::Paid
            | OrderStatus::Fulfilled
            | OrderStatus::PartiallyRefunded
            | OrderStatus::Refunded
            | OrderStatus::Review
    );
    let settled = paid && !matches!(status, OrderStatus::Paid | OrderStatus::Review);
    let at = |yes: bool, text: &str| yes.then(|| when(text));
    OrderView {
        order_no: "J7K2M9QWXT4R8N".into(),
        status,
        times: OrderTimes {
            placed: Some(when("2026/11/23 14:00")),
            number_issued: at(status == OrderStatus::AwaitingTransfer, "2026/11/23 14:03"),
            paid: at(paid, "2026/11/23 14:05"),
            confirmed: at(settled, "2026/11/23 14:05"),
            fulfilled: at(settled, "2026/11/23 14:06"),
            refunded: at(
                matches!(
                    status,
                    OrderStatus::Refunded | OrderStatus::PartiallyRefunded
                ),
                "2026/11/24 10:10",
            ),
            closed: at(
                matches!(
                    status,
                    OrderStatus::Expired | OrderStatus::Cancelled | OrderStatus::Review
                ),
                "2026/11/30 23:59",
            ),
        },
        items: items(),
        total_text: twd(2640),
        refunded_text: if status == OrderStatus::Refunded {
            Some(twd(2640))
        } else {
            (status == OrderStatus::PartiallyRefunded).then(|| twd(1280))
        },
        buyer: Some("林小美（mei@buyer.example）".into()),
        attempts: attempts(status),
        number: (status == OrderStatus::AwaitingTransfer).then(|| PaymentNumber {
            place: PaymentPlace::Atm {
                bank_code: "013".into(),
                bank_name: Some("國泰世華商業銀行".into()),
            },
            number: "91788200451236".into(),
            amount_text: twd(2640),
            deadline: when("2026/11/30 23:59"),
        }),
        pay: pay_reason(status).map(pay_action),
        cancel_csrf: matches!(status, OrderStatus::Pending | OrderStatus::AwaitingTransfer)
            .then(|| "f3Qx0Zk2".into()),
        has_receipt: status == OrderStatus::Fulfilled,
        as_of: when("2026/11/23 14:06"),
    }
}

/// A pending order whose last attempt failed.
pub(crate) fn failed_order_view() -> OrderView {
    let mut view = order_view(OrderStatus::Pending);
    view.attempts = vec![attempt(
        1,
        Method::Card,
        AttemptOutcome::Failed(Some("授權失敗：額度不足".into())),
    )];
    view.pay = Some(pay_action(PayReason::Again));
    view
}

/// An order that waits to be paid at a convenience store.
pub(crate) fn cvs_order_view() -> OrderView {
    let mut view = order_view(OrderStatus::AwaitingTransfer);
    view.attempts = vec![attempt(1, Method::Cvs, AttemptOutcome::NumberIssued)];
    view.number = Some(PaymentNumber {
        place: PaymentPlace::Cvs {
            store: Some("7-ELEVEN".into()),
        },
        number: "PYU261123004512".into(),
        amount_text: twd(2640),
        deadline: when("2026/11/26 14:03"),
    });
    view
}

pub(crate) fn handover_view() -> HandoverView {
    HandoverView {
        order_no: "J7K2M9QWXT4R8N".into(),
        amount_text: twd(2640),
        gateway_url: "http://localhost:8081/api/upp".into(),
        fields: [
            ("MerID", "S00000000"),
            ("Version", "2.0"),
            ("EncryptInfo", "00ff00ff"),
            ("HashInfo", "AB12"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
    }
}

pub(crate) fn orders_view() -> OrdersView {
    OrdersView {
        rows: OrderStatus::ALL
            .into_iter()
            .enumerate()
            .map(|(at, status)| OrderRow {
                order_no: format!("J7K2M9QWXT4R8{at}"),
                status,
                summary: [
                    "阿里山高山烏龍茶 × 2",
                    "三峽藍染帆布提袋 × 1",
                    "社頭精梳棉長襪 × 3",
                ][at % 3]
                    .into(),
                item_count: if at % 3 == 0 { 2 } else { 1 },
                total_text: twd([2640, 980, 1170][at % 3]),
                placed: when("2026/11/23 14:00"),
            })
            .collect(),
        newer_url: None,
        older_url: Some("/orders?page=2".into()),
    }
}

pub(crate) fn receipt_view(refunded: bool) -> ReceiptView {
    ReceiptView {
        order_no: "J7K2M9QWXT4R8N".into(),
        buyer: Some("林小美".into()),
        placed: when("2026/11/23 14:00"),
        paid: when("2026/11/23 14:05"),
        method: Method::Card,
        card_last4: Some("5306".into()),
        trade_no: Some("1700000000000000001".into()),
        items: items(),
        total_text: twd(2640),
        refunded: refunded.then(|| (twd(1280), twd(1360))),
    }
}
