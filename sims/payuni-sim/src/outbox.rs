//! Messages on their way: how the faults bend them, when they are due, what became of them.

use serde::{Deserialize, Serialize};

use crate::books::Desk;
use crate::envelope::{Keys, outer, outer_of};
use crate::faults::FaultKind;
use crate::fields::Fields;
use crate::switches::Switches;
use crate::trade::Trade;

/// A signed message to the merchant: by the gateway itself (notice) or by the buyer's browser (return).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) id: u64,
    pub(crate) notice: bool,
    /// What it tells, for people.
    pub(crate) cause: String,
    pub(crate) trade_no: String,
    pub(crate) mer_trade_no: String,
    pub(crate) url: String,
    pub(crate) outer: Fields,
    pub(crate) inner: Fields,
    pub(crate) made: i64,
    pub(crate) post: Post,
    pub(crate) tries: Vec<Try>,
    pub(crate) fault: Option<FaultKind>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Post {
    /// The buyer's browser carries it.
    Browser,
    /// Will be sent at that sandbox time.
    Queued(i64),
    /// Waits until another was sent, at the longest until that time.
    Held {
        until: i64,
        same_trade: bool,
    },
    Sending,
    Delivered,
    Failed,
    Dropped,
}

impl Post {
    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Browser => "由買家瀏覽器帶回",
            Self::Queued(_) => "等待送出",
            Self::Held { .. } => "暫緩（順序顛倒）",
            Self::Sending => "傳送中",
            Self::Delivered => "已送達",
            Self::Failed => "傳送失敗",
            Self::Dropped => "遺失（故障設定）",
        }
    }
}

/// One try to deliver a notice.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Try {
    pub(crate) at: i64,
    pub(crate) http: Option<u16>,
    pub(crate) answer: String,
}

/// A notice that is to be sent now.
pub(crate) struct Due {
    pub(crate) id: u64,
    pub(crate) url: String,
    pub(crate) body: String,
    pub(crate) timeout_s: u32,
}

/// Sandbox milliseconds that a notice waits at the longest for another to overtake it.
const HOLD: i64 = 600_000;

fn outer_status(inner: &Fields, switches: &Switches) -> String {
    match inner.get("Status").unwrap_or_default() {
        "UNAPPROVED" => switches.outer_unapproved.as_str().to_owned(),
        status => status.to_owned(),
    }
}

/// The message that the buyer's browser takes back to the shop; its id, or `None` without a `ReturnURL`.
pub(crate) fn give_back(
    desk: &mut Desk,
    keys: &Keys,
    trade: &Trade,
    inner: Fields,
    now: i64,
) -> Option<u64> {
    let url = trade.order.return_url.clone()?;
    let status = outer_status(&inner, &desk.books.switches);
    let id = desk.books.next_id();
    desk.books.add_message(Message {
        id,
        notice: false,
        cause: "付款結果".to_owned(),
        trade_no: trade.trade_no.clone(),
        mer_trade_no: trade.order.mer_trade_no.clone(),
        url,
        outer: outer(
            keys,
            Some(&status),
            &trade.order.mer_id,
            &trade.order.version,
            &inner,
        ),
        inner,
        made: now,
        post: Post::Browser,
        tries: Vec::new(),
        fault: None,
    });
    Some(id)
}

/// Queues a notice to the order's `NotifyURL`, after the faults had their way with it.
pub(crate) fn notify(
    desk: &mut Desk,
    keys: &Keys,
    trade: &Trade,
    version: &str,
    cause: &str,
    mut inner: Fields,
    now: i64,
) {
    let Some(url) = trade.order.notify_url.clone() else {
        return;
    };
    let order_no = trade.order.mer_trade_no.clone();
    let mut mer_id = trade.order.mer_id.clone();
    let mut struck = None;
    let mut copies = 1;
    let mut post = Post::Queued(now);
    let faults = &mut desk.books.faults;
    if let Some(fault) = faults.take(FaultKind::WrongAmountNotice, &order_no) {
        struck = Some(fault.what.kind);
        let amount = fault
            .what
            .amount
            .unwrap_or_else(|| trade.amount.saturating_sub(1));
        inner.set("TradeAmt", &amount.to_string());
    }
    if faults.strikes(FaultKind::WrongMerchantNotice, &order_no) {
        struck = Some(FaultKind::WrongMerchantNotice);
        "OTHERSHOP".clone_into(&mut mer_id);
        inner.set("MerID", &mer_id);
    }
    if faults.strikes(FaultKind::DuplicateNotice, &order_no) {
        struck = Some(FaultKind::DuplicateNotice);
        copies = 2;
    }
    if let Some(fault) = faults.take(FaultKind::DelayNotice, &order_no) {
        struck = Some(fault.what.kind);
        post = Post::Queued(now + i64::from(fault.what.delay_s.unwrap_or(60)) * 1000);
    }
    if let Some(fault) = faults.take(FaultKind::ReorderNotices, &order_no) {
        struck = Some(fault.what.kind);
        post = Post::Held {
            until: now + HOLD,
            same_trade: fault.what.mer_trade_no.is_some(),
        };
    }
    let corrupt = faults.strikes(FaultKind::CorruptNotice, &order_no);
    if faults.strikes(FaultKind::DropNotice, &order_no) {
        struck = Some(FaultKind::DropNotice);
        post = Post::Dropped;
    }
    let status = outer_status(&inner, &desk.books.switches);
    let mut sealed = outer(keys, Some(&status), &mer_id, version, &inner);
    if corrupt {
        struck = Some(FaultKind::CorruptNotice);
        let good = sealed.get("EncryptInfo").unwrap_or_default().to_owned();
        let (first, rest) = good.split_at(good.len().min(1));
        let flipped = if first == "4" { "5" } else { "4" };
        sealed.set("EncryptInfo", &format!("{flipped}{rest}"));
    }
    for _ in 0..copies {
        let id = desk.books.next_id();
        desk.books.add_message(Message {
            id,
            notice: true,
            cause: cause.to_owned(),
            trade_no: trade.trade_no.clone(),
            mer_trade_no: order_no.clone(),
            url: url.clone(),
            outer: sealed.clone(),
            inner: inner.clone(),
            made: now,
            post: post.clone(),
            tries: Vec::new(),
            fault: struck,
        });
    }
}

/// A signed refusal for the `ReturnURL`, where the switch asks for it instead of a page.
pub(crate) fn refusal(keys: &Keys, mer_id: &str, version: &str, inner: &Fields) -> Fields {
    let status = inner.get("Status").unwrap_or_default().to_owned();
    outer_of(keys, Some(&status), mer_id, version, keys.seal(inner))
}

impl Desk {
    /// Takes what is due; notices of one trade go one after another, in the order in which they were made.
    pub(crate) fn take_due(&mut self, now: i64) -> Vec<Due> {
        let timeout_s = self.books.switches.notify_timeout_s;
        let mut busy: Vec<String> = self
            .books
            .messages
            .iter()
            .filter(|m| m.post == Post::Sending)
            .map(|m| m.trade_no.clone())
            .collect();
        let mut due = Vec::new();
        for message in &mut self.books.messages {
            let ready = match message.post {
                Post::Queued(at) | Post::Held { until: at, .. } => at <= now,
                Post::Browser | Post::Sending | Post::Delivered | Post::Failed | Post::Dropped => {
                    false
                }
            };
            if ready && !busy.contains(&message.trade_no) {
                busy.push(message.trade_no.clone());
                message.post = Post::Sending;
                due.push(Due {
                    id: message.id,
                    url: message.url.clone(),
                    body: message.outer.encode(),
                    timeout_s,
                });
            }
        }
        due
    }

    /// The sandbox time of the next notice, if any waits and is not waiting for one under way.
    pub(crate) fn next_due(&self) -> Option<i64> {
        let sending: Vec<&str> = self
            .books
            .messages
            .iter()
            .filter(|m| m.post == Post::Sending)
            .map(|m| m.trade_no.as_str())
            .collect();
        let waiting = self
            .books
            .messages
            .iter()
            .filter(|m| !sending.contains(&m.trade_no.as_str()));
        waiting
            .filter_map(|m| match m.post {
                Post::Queued(at) | Post::Held { until: at, .. } => Some(at),
                Post::Browser | Post::Sending | Post::Delivered | Post::Failed | Post::Dropped => {
                    None
                }
            })
            .min()
    }

    /// Writes down what a try came to, and plans the next one.
    pub(crate) fn tried(&mut self, id: u64, http: Option<u16>, answer: String, now: i64) {
        let switches = self.books.switches.clone();
        let Some(message) = self.books.messages.iter_mut().find(|m| m.id == id) else {
            return;
        };
        let wanted = switches
            .notify_body
            .as_ref()
            .is_none_or(|body| body.trim() == answer.trim());
        let taken = wanted && http.is_some_and(|code| (200..300).contains(&code));
        message.tries.push(Try {
            at: now,
            http,
            answer,
        });
        let retries = usize::try_from(switches.notify_retries).unwrap_or(usize::MAX);
        message.post = if taken {
            Post::Delivered
        } else if message.tries.len() <= retries {
            Post::Queued(now + i64::from(switches.notify_interval_s) * 1000)
        } else {
            Post::Failed
        };
        let trade_no = message.trade_no.clone();
        for other in &mut self.books.messages {
            if let Post::Held { same_trade, .. } = other.post
                && (!same_trade || other.trade_no == trade_no)
            {
                other.post = Post::Queued(now);
            }
        }
    }

    /// After a restart: what was being sent is sent again.
    pub(crate) fn resume(&mut self, now: i64) {
        for message in &mut self.books.messages {
            if message.post == Post::Sending {
                message.post = Post::Queued(now);
            }
        }
    }
}
