//! What the portal's templates show.

use askama::Template;

use crate::clock::stamp;
use crate::faults::FaultKind;
use crate::outbox::Message;
use crate::page::minute;
use crate::page_view::dollars;
use crate::portal::now;
use crate::switches::{Kind, TABLE};
use crate::trade::{Payment, Trade, TradeStatus};
use crate::world::World;

struct RowView {
    at: String,
    order: String,
    no: String,
    method: &'static str,
    amount: String,
    refunded: String,
    code: &'static str,
    status: &'static str,
}

impl RowView {
    fn of(trade: &Trade) -> Self {
        Self {
            at: stamp(trade.created),
            order: trade.order.mer_trade_no.clone(),
            no: trade.trade_no.clone(),
            method: trade.payment.label(),
            amount: dollars(trade.amount),
            refunded: dollars(trade.refunded()),
            code: trade.status.code(),
            status: trade.status.label(),
        }
    }
}

#[derive(Template)]
#[template(path = "trades.html")]
pub(crate) struct Trades {
    said: Option<&'static str>,
    now: String,
    total: usize,
    rows: Vec<RowView>,
    merchants: Vec<(String, String)>,
    api: String,
}

impl Trades {
    pub(crate) fn of(world: &World, said: Option<&'static str>) -> Self {
        let (total, rows) = world.look(|desk, _| {
            let all = &desk.books.trades;
            (
                all.len(),
                all.values().rev().take(200).map(RowView::of).collect(),
            )
        });
        Self {
            said,
            now: now(world),
            total,
            rows,
            merchants: world
                .merchants
                .iter()
                .map(|m| (m.name.clone(), m.mer_id.clone()))
                .collect(),
            api: format!("{}/api/", world.public_url),
        }
    }
}

struct MessageView {
    kind: &'static str,
    cause: String,
    post: &'static str,
    fault: &'static str,
    at: String,
    url: String,
    inner: Vec<(String, String)>,
    outer: Vec<(String, String)>,
    tries: Vec<String>,
}

impl MessageView {
    fn of(message: &Message) -> Self {
        let tries = message.tries.iter().map(|t| {
            let http = t
                .http
                .map_or_else(|| "無回應".to_owned(), |code| format!("HTTP {code}"));
            format!("{} {http} {}", stamp(t.at), t.answer)
        });
        Self {
            kind: if message.notice {
                "背景通知"
            } else {
                "前景返回"
            },
            cause: message.cause.clone(),
            post: message.post.label(),
            fault: message.fault.map_or("", FaultKind::label),
            at: stamp(message.made),
            url: message.url.clone(),
            inner: message.inner.0.clone(),
            outer: message.outer.0.clone(),
            tries: tries.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "trade.html")]
pub(crate) struct TradePage {
    said: Option<String>,
    row: RowView,
    card: String,
    charged: String,
    number: Option<(String, String)>,
    close: &'static str,
    message: String,
    desc: String,
    raw: u64,
    remaining: u64,
    waiting: bool,
    refundable: bool,
    voidable: bool,
    messages: Vec<MessageView>,
}

impl TradePage {
    pub(crate) fn of(world: &World, no: &str, said: Option<String>) -> Option<Self> {
        world.look(|desk, now| {
            let trade = desk.books.trades.get(no)?;
            let (card, close) = match &trade.payment {
                Payment::Card { card, .. } => {
                    let close = match trade.close_status(now) {
                        "1" => "請款申請中",
                        "2" => "請款完成",
                        "3" => "已取消請款",
                        _ => "未申請請款",
                    };
                    (format!("{}••••{}", card.six, card.four), close)
                }
                Payment::Atm { .. } | Payment::Cvs { .. } | Payment::Wallet { .. } => {
                    (String::new(), "")
                }
            };
            let offline = trade.payment.number();
            let messages = desk
                .books
                .messages
                .iter()
                .filter(|m| m.trade_no == no)
                .map(MessageView::of)
                .collect();
            Some(Self {
                said,
                row: RowView::of(trade),
                voidable: !card.is_empty() && trade.charged() > 0 && close != "請款完成",
                card,
                charged: dollars(trade.charged()),
                number: offline.map(|(no, ends)| (no.to_owned(), minute(ends))),
                close,
                message: trade.result.1.clone(),
                desc: trade.order.desc.clone(),
                raw: trade.amount,
                remaining: trade.remaining(),
                waiting: offline.is_some() && trade.status == TradeStatus::Issued,
                refundable: offline.is_none(),
                messages,
            })
        })
    }
}

struct EntryView {
    at: String,
    way: &'static str,
    target: String,
    status: String,
    order: String,
    request: String,
    reply: String,
}

#[derive(Template)]
#[template(path = "log.html")]
pub(crate) struct LogPage {
    said: Option<&'static str>,
    entries: Vec<EntryView>,
}

impl LogPage {
    pub(crate) fn of(world: &World) -> Self {
        let pretty =
            |value: &serde_json::Value| serde_json::to_string_pretty(value).unwrap_or_default();
        let entries = world.look(|desk, _| {
            let last = desk.log.entries().rev().take(200);
            last.map(|e| EntryView {
                at: e.at.clone(),
                way: if e.direction == "in" {
                    "收到"
                } else {
                    "送出"
                },
                target: e.target.clone(),
                status: e.status.clone(),
                order: e.mer_trade_no.clone(),
                request: pretty(&e.request),
                reply: pretty(&e.reply),
            })
            .collect()
        });
        Self {
            said: None,
            entries,
        }
    }
}

struct SwitchView {
    name: &'static str,
    label: &'static str,
    note: &'static str,
    value: String,
    number: bool,
    options: Vec<(&'static str, &'static str)>,
}

struct FaultView {
    id: u64,
    label: &'static str,
    order: String,
    times: String,
    hits: u32,
}

#[derive(Template)]
#[template(path = "settings.html")]
pub(crate) struct Settings {
    said: Option<String>,
    now: String,
    rate: u32,
    kinds: Vec<(FaultKind, &'static str, &'static str)>,
    faults: Vec<FaultView>,
    switches: Vec<SwitchView>,
}

/// A switch as it is typed: nothing for null, a text without its quotes.
fn shown(value: &serde_json::Value) -> String {
    if value.is_null() {
        return String::new();
    }
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Settings {
    pub(crate) fn of(world: &World, said: Option<String>) -> Self {
        let (values, faults, rate) = world.look(|desk, _| {
            let faults = desk.books.faults.0.iter().map(|f| FaultView {
                id: f.id,
                label: f.what.kind.label(),
                order: f
                    .what
                    .mer_trade_no
                    .clone()
                    .unwrap_or_else(|| "任何".to_owned()),
                times: f
                    .what
                    .times
                    .map_or_else(|| "一直".to_owned(), |n| n.to_string()),
                hits: f.hits,
            });
            let values = serde_json::to_value(&desk.books.switches).unwrap_or_default();
            (values, faults.collect(), desk.books.clock.rate())
        });
        let switches = TABLE.iter().map(|row| SwitchView {
            name: row.name,
            label: row.label,
            note: row.note,
            value: shown(&values[row.name]),
            number: matches!(row.kind, Kind::Number { .. }),
            options: match row.kind {
                Kind::Flag => vec![("true", "是"), ("false", "否")],
                Kind::Choice(options) => options.iter().map(|o| (*o, *o)).collect(),
                Kind::Number { .. } | Kind::Text { .. } => Vec::new(),
            },
        });
        Self {
            said,
            now: now(world),
            rate,
            kinds: FaultKind::ALL.to_vec(),
            faults,
            switches: switches.collect(),
        }
    }
}
