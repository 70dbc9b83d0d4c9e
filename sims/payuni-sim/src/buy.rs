//! The hosted page without a browser: a sealed order in, the buyer's choice made, the way back out.

use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::books::Stage;
use crate::card::CardInput;
use crate::counter::Denied;
use crate::fields::Fields;
use crate::page::{self, Closed};
use crate::pay::{self, Choice, Trouble};
use crate::quick::QUICK;
use crate::settings::Method;
use crate::world::World;

/// What the buyer does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Buy {
    /// The outer fields that the shop's form would post.
    form: Map<String, Value>,
    method: How,
    /// For `atm`; the order's first bank where absent.
    bank: Option<String>,
    /// For `inst`; 3 where absent.
    terms: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum How {
    Card,
    #[serde(rename = "card_3d")]
    Card3d,
    #[serde(rename = "card_3d_fail")]
    Card3dFail,
    CardEci,
    CardDecline,
    Inst,
    Unionpay,
    Atm,
    Cvs,
    Linepay,
    LinepayCancel,
    Icash,
    Aftee,
    Jkopay,
}

impl How {
    fn choice(self, wanted: &Buy, first_bank: Option<String>) -> Option<Choice> {
        let quick = |key: &str| {
            QUICK
                .iter()
                .find(|q| q.key == key)
                .map(crate::quick::Quick::choice)
        };
        match self {
            Self::Card | Self::Card3d | Self::Card3dFail => quick("ok"),
            Self::CardEci => quick("eci"),
            Self::CardDecline => quick("decline"),
            Self::Unionpay => quick("union"),
            Self::Inst => Some(Choice::Card {
                input: CardInput {
                    number: "4147632000000001".to_owned(),
                    expiry: "12/30".to_owned(),
                    cvc: "123".to_owned(),
                },
                method: Method::CreditInst,
                terms: wanted.terms.unwrap_or(3),
            }),
            Self::Atm => wanted
                .bank
                .clone()
                .or(first_bank)
                .map(|bank| Choice::Atm { bank }),
            Self::Cvs => Some(Choice::Cvs),
            Self::Linepay | Self::LinepayCancel => Some(Choice::Wallet(Method::LinePay)),
            Self::Icash => Some(Choice::Wallet(Method::ICash)),
            Self::Aftee => Some(Choice::Wallet(Method::Aftee)),
            Self::Jkopay => Some(Choice::Wallet(Method::JKoPay)),
        }
    }
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn trouble(what: Trouble) -> Denied {
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    match what {
        Trouble::Input(why) => Denied::new(status, "input", why),
        Trouble::Expired => Denied::new(status, "UPP03000", "付款頁已逾時"),
        Trouble::Unknown | Trouble::Elsewhere => {
            Denied::new(StatusCode::CONFLICT, "page", "付款頁已不在這一步")
        }
    }
}

/// Opens the page, chooses, passes the 3D step or the wallet, and tells how the browser would go back.
pub(crate) fn buy(world: &World, headers: &HeaderMap, wanted: &Buy) -> Result<Value, Denied> {
    let outer = Fields(
        wanted
            .form
            .iter()
            .map(|(name, value)| (name.clone(), text(value)))
            .collect(),
    );
    let token = page::accept(world, headers, &outer).map_err(|closed| {
        let (code, message) = match closed {
            Closed::Early(early) => (early.code, "訂單資料無法讀取".to_owned()),
            Closed::Refused { refusal, .. } => (refusal.code, refusal.message),
        };
        Denied {
            status: StatusCode::UNPROCESSABLE_ENTITY,
            code,
            message,
        }
    })?;
    let merchant = page::merchant_of(world, &token).ok_or_else(|| trouble(Trouble::Unknown))?;
    world.work(|desk, now| {
        let how = wanted.method;
        let page = desk.books.pages.get_mut(&token);
        let first_bank = page.as_ref().and_then(|p| p.order.banks.first().cloned());
        if let Some(page) = page
            && matches!(how, How::Card3d | How::Card3dFail)
        {
            page.order.api_3d = true;
        }
        let choice = how
            .choice(wanted, first_bank)
            .ok_or_else(|| trouble(Trouble::Input("請選擇付款方式。")))?;
        pay::choose(desk, &merchant, &token, choice, now).map_err(trouble)?;
        let at = desk.books.pages.get(&token).map(|page| page.stage.clone());
        match at {
            Some(Stage::ThreeD { .. }) => {
                let passed = how != How::Card3dFail;
                pay::three_d(desk, &merchant, &token, passed, now).map_err(trouble)?;
            }
            Some(Stage::Wallet(_)) => {
                let paid = how != How::LinepayCancel;
                pay::wallet(desk, &merchant, &token, paid, now).map_err(trouble)?;
            }
            Some(Stage::Choosing | Stage::Done { .. }) | None => {}
        }
        let at = desk.books.pages.get(&token).map(|page| page.stage.clone());
        let Some(Stage::Done {
            trade_no,
            back,
            lost,
        }) = at
        else {
            return Err(trouble(Trouble::Elsewhere));
        };
        let trade = desk
            .books
            .trades
            .get(&trade_no)
            .ok_or_else(|| trouble(Trouble::Unknown))?;
        let back = back.and_then(|id| desk.books.messages.iter().find(|m| m.id == id));
        Ok(json!({
            "TradeNo": trade_no,
            "MerTradeNo": trade.order.mer_trade_no,
            "TradeStatus": trade.status.code(),
            "pay_no": trade.payment.number().map(|(no, _)| no),
            "lost": lost,
            "page": format!("{}/upp/{token}", world.public_url),
            "return": back.map(|m| json!({"url": m.url, "fields": m.outer.to_json()})),
        }))
    })
}
