//! What stands in the sheet: its tabs and columns, and how orders, members and events become rows.

use crate::view;
use google::{
    sheets::Cell,
    tables::{Body, ColumnSpec, Row, TabSpec},
};
use jiff::Timestamp;
use ledger::{FactRow, Member, Summary};
use orders::{OrderNo, Status};
use pages::{Lang, OrderStatus, Text};

/// 訂單
pub(super) const ORDERS: TabSpec = TabSpec {
    title: "訂單",
    columns: &[
        ColumnSpec::ours("no", "訂單編號"),
        ColumnSpec::ours("status", "狀態"),
        ColumnSpec::ours("amount", "金額"),
        ColumnSpec::ours("items", "商品"),
        ColumnSpec::ours("buyer", "買家"),
        ColumnSpec::ours("member", "會員編號"),
        ColumnSpec::ours("method", "付款方式"),
        ColumnSpec::ours("trade", "PAYUNi 交易序號"),
        ColumnSpec::ours("refunded", "已退金額"),
        ColumnSpec::ours("placed", "下單時間"),
        ColumnSpec::ours("paid", "付款時間"),
        ColumnSpec::theirs("note", "備註"),
    ],
    key: "no",
    body: Body::Warned,
    note: "這一頁由商店寫入，以帳本為準；手動改動會被蓋掉。「備註」欄是給您用的。",
};

/// 會員
pub(super) const MEMBERS: TabSpec = TabSpec {
    title: "會員",
    columns: &[
        ColumnSpec::ours("member", "會員編號"),
        ColumnSpec::ours("name", "姓名"),
        ColumnSpec::ours("email", "電子郵件"),
        ColumnSpec::ours("verified", "信箱已驗證"),
        ColumnSpec::theirs("note", "備註"),
    ],
    key: "member",
    body: Body::Warned,
    note: "這一頁由商店寫入；會員編號是 Google 帳號的 sub。「備註」欄是給您用的。",
};

/// 商品
pub(super) const PRODUCTS: TabSpec = TabSpec {
    title: "商品",
    columns: &[
        ColumnSpec::theirs("id", "商品編號"),
        ColumnSpec::theirs("name", "名稱"),
        ColumnSpec::theirs("description", "說明"),
        ColumnSpec::theirs("price", "售價"),
        ColumnSpec::theirs("image", "圖片"),
        ColumnSpec::theirs("stock", "可賣數量"),
        ColumnSpec::theirs("active", "上架"),
    ],
    key: "id",
    body: Body::Open,
    note: "這一頁由您維護，改了大約十五秒後生效；寫錯的列會被略過，後台會說明哪裡要改。",
};

/// 事件
pub(super) const EVENTS: TabSpec = TabSpec {
    title: "事件",
    columns: &[
        ColumnSpec::ours("n", "序號"),
        ColumnSpec::ours("at", "時間"),
        ColumnSpec::ours("no", "訂單編號"),
        ColumnSpec::ours("what", "發生什麼"),
        ColumnSpec::ours("source", "來源"),
        ColumnSpec::ours("before", "原狀態"),
        ColumnSpec::ours("after", "新狀態"),
    ],
    key: "n",
    body: Body::Protected,
    note: "這一頁由商店寫入，只增加、不修改。",
};

/// All tabs, in the order in which they are made.
pub(super) const TABS: [TabSpec; 4] = [ORDERS, MEMBERS, PRODUCTS, EVENTS];

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

fn time(at: Timestamp) -> Cell {
    text(view::when(at).iso)
}

/// What people read for a status: the same words as on the shop's pages.
fn status(status: Status) -> String {
    let known = OrderStatus::from_key(status.as_str());
    known.map_or_else(String::new, |status| {
        status.label(Text::get(Lang::ZhTw)).to_owned()
    })
}

fn method(method: Option<orders::Method>) -> String {
    if method.is_none() {
        return String::new();
    }
    view::method(method).label(Text::get(Lang::ZhTw)).to_owned()
}

/// An order's row.
pub(super) fn order(summary: &Summary, buyer: Option<&Member>) -> Row {
    let (book, order) = (&summary.book, summary.book.order());
    let items: Vec<String> = order
        .lines
        .iter()
        .map(|line| format!("{} ×{}", line.name, line.quantity))
        .collect();
    let payment = book.payment();
    let buyer = buyer
        .and_then(|member| member.email.clone().or_else(|| member.name.clone()))
        .unwrap_or_default();
    Row {
        key: order.no.to_string(),
        cells: vec![
            ("status", text(status(summary.status))),
            ("amount", Cell::Integer(i64::from(order.amount.dollars()))),
            ("items", Cell::customer_text(&items.join("、"))),
            ("buyer", Cell::customer_text(&buyer)),
            ("member", text(order.member.sub.clone())),
            ("method", text(method(book.method()))),
            (
                "trade",
                text(payment.map_or_else(String::new, |payment| payment.trade_no.to_string())),
            ),
            (
                "refunded",
                Cell::Integer(i64::try_from(book.refunded()).unwrap_or(i64::MAX)),
            ),
            ("placed", time(order.placed_at)),
            ("paid", summary.paid_at.map_or(text(""), time)),
        ],
    }
}

/// A member's row.
pub(super) fn member(member: &Member) -> Row {
    Row {
        key: member.id.sub.clone(),
        cells: vec![
            (
                "name",
                Cell::customer_text(member.name.as_deref().unwrap_or_default()),
            ),
            (
                "email",
                Cell::customer_text(member.email.as_deref().unwrap_or_default()),
            ),
            (
                "verified",
                text(if member.email_verified { "是" } else { "否" }),
            ),
        ],
    }
}

/// An event's row.
pub(super) fn event(no: &OrderNo, fact: &FactRow) -> Row {
    let what = match fact.meaning.split('/').next().unwrap_or_default() {
        "told" | "asked" => match fact.meaning.split('/').nth(3).unwrap_or_default() {
            "paid" => "付款成功",
            "issued" => "取得繳費代碼",
            "failed" => "付款失敗",
            "voided" => "授權取消",
            "lapsed" => "繳費逾期",
            _ => "處理中",
        },
        "returned" => "買家返回商店",
        "refunded" => "退款",
        "parked" => "需人工處理",
        "ended" => "訂單結束",
        "delivered" => "交付",
        _ => "其他",
    };
    let source = match fact.source.as_str() {
        "notice" => "PAYUNi 通知",
        "query" => "向 PAYUNi 查詢",
        _ => "商店",
    };
    Row {
        key: fact.n.to_string(),
        cells: vec![
            ("at", time(fact.received_at)),
            ("no", text(no.to_string())),
            ("what", text(what)),
            ("source", text(source)),
            ("before", text(status(fact.edge.0))),
            ("after", text(status(fact.edge.1))),
        ],
    }
}
