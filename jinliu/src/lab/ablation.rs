//! Which lines a laboratory's shops lack.

use crate::world::Plan;
use ledger::{SqliteLedger, sqlite::ablation::Guard};
use shop::ablation::Ablated;
use std::time::Duration;

/// What is switched off.
#[derive(Clone, Copy, Debug, Default)]
pub struct Off {
    /// In the shop.
    pub shop: Ablated,
    /// In its ledger.
    pub guards: &'static [Guard],
}

/// One line, or one guard of line 4.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Its short name, for tables.
    pub name: &'static str,
    /// What it is, for people.
    pub what: &'static str,
    /// What is off without it.
    pub off: Off,
}

const NOTHING: Ablated = Ablated {
    edge: false,
    authenticity: false,
    meaning: false,
};

const fn part(
    name: &'static str,
    what: &'static str,
    shop: Ablated,
    guards: &'static [Guard],
) -> Part {
    Part {
        name,
        what,
        off: Off { shop, guards },
    }
}

const fn guard(name: &'static str, what: &'static str, guards: &'static [Guard]) -> Part {
    part(name, what, NOTHING, guards)
}

const L1: Ablated = Ablated {
    edge: true,
    ..NOTHING
};
const L2: Ablated = Ablated {
    authenticity: true,
    ..NOTHING
};
const L3: Ablated = Ablated {
    meaning: true,
    ..NOTHING
};

/// Everything that is switched off in turn. Line 4 goes guard by guard: without any atomicity there is no product.
pub const PARTS: [Part; 12] = [
    part("L1", "守門：網域、跨站、方法、內容類型、流量", L1, &[]),
    part("L2", "驗真：雜湊、GCM 驗證碼、表單權杖、重新登入", L2, &[]),
    part(
        "L3",
        "核對：方向、必要欄位、商店、金額、幣別、後台的身分",
        L3,
        &[Guard::Meaning],
    ),
    guard("L4.facts", "事實唯一（UNIQUE）", &[Guard::FactsUnique]),
    guard(
        "L4.repeats",
        "已知的事實不算新聞（狀態機）",
        &[Guard::Repeats],
    ),
    guard(
        "L4.amount",
        "付款金額等於訂單金額（外鍵）",
        &[Guard::AmountKey],
    ),
    guard(
        "L4.trade",
        "一筆交易只抵一張訂單（查詢）",
        &[Guard::TradeOfAnother],
    ),
    guard(
        "L4.delivery",
        "一張訂單只出一次貨（主鍵）",
        &[Guard::DeliveryKey],
    ),
    guard("L4.lawful", "出貨與結束要合法（狀態機）", &[Guard::Lawful]),
    guard(
        "L4.refund_check",
        "退款不超過餘額（程式）",
        &[Guard::RefundCheck],
    ),
    guard(
        "L4.refund_trigger",
        "退款不超過付款（觸發器）",
        &[Guard::RefundTrigger],
    ),
    guard("L5", "對帳：自己問過 PAYUNi 才出貨", &[Guard::Confirmation]),
];

impl Off {
    /// Whether everything stands.
    fn is_nothing(self) -> bool {
        self.shop == NOTHING && self.guards.is_empty()
    }

    /// How long a case may wait: with a line off, many wait in vain.
    pub(super) fn patience(self) -> Duration {
        Duration::from_secs(if self.is_nothing() { 30 } else { 8 })
    }

    /// Takes the lines out of a world before it starts.
    pub(super) fn apply(self, plan: &mut Plan) -> anyhow::Result<()> {
        plan.ablated = self.shop;
        if !self.guards.is_empty() {
            let folder = plan.dir.join("data");
            std::fs::create_dir_all(&folder)?;
            SqliteLedger::open_without(&folder.join("jinliu.db"), self.guards)?;
        }
        Ok(())
    }
}
