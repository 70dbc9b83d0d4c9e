//! What the hosted page does with the buyer's choice: charge a card, issue a number, ask a wallet.

use crate::books::{Desk, Page, Stage};
use crate::card::{self, CardInput, Judged};
use crate::envelope::Keys;
use crate::faults::FaultKind;
use crate::message;
use crate::outbox;
use crate::settings::{Merchant, Method};
use crate::trade::{Capture, Card, Payment, Trade, TradeStatus};

/// What the buyer chose.
pub(crate) enum Choice {
    Card {
        input: CardInput,
        method: Method,
        terms: u32,
    },
    Atm {
        bank: String,
    },
    Cvs,
    Wallet(Method),
}

/// How a step of the page went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No such page.
    Unknown,
    /// Its time is over.
    Expired,
    /// The page is not at this step (any more); showing it again tells where it is.
    Elsewhere,
    /// The buyer must correct something.
    Input(&'static str),
}

/// The page, if it is open at `now`.
fn open<'a>(desk: &'a Desk, token: &str, now: i64) -> Result<&'a Page, Trouble> {
    let page = desk.books.pages.get(token).ok_or(Trouble::Unknown)?;
    match page.stage {
        Stage::Done { .. } => Err(Trouble::Elsewhere),
        Stage::Choosing | Stage::ThreeD { .. } | Stage::Wallet(_)
            if now >= page.order.page_ends =>
        {
            Err(Trouble::Expired)
        }
        Stage::Choosing | Stage::ThreeD { .. } | Stage::Wallet(_) => Ok(page),
    }
}

fn set_stage(desk: &mut Desk, token: &str, stage: Stage) {
    if let Some(page) = desk.books.pages.get_mut(token) {
        page.stage = stage;
    }
}

/// The buyer's choice on the page.
pub(crate) fn choose(
    desk: &mut Desk,
    merchant: &Merchant,
    token: &str,
    choice: Choice,
    now: i64,
) -> Result<(), Trouble> {
    let page = open(desk, token, now)?;
    if !matches!(page.stage, Stage::Choosing) {
        return Err(Trouble::Elsewhere);
    }
    let order = page.order.clone();
    let offered = |method: Method| {
        if order.methods.contains(&method) {
            Ok(())
        } else {
            Err(Trouble::Input("此訂單不提供這個付款方式。"))
        }
    };
    match choice {
        Choice::Card {
            input,
            method,
            terms,
        } => {
            offered(method)?;
            if method == Method::CreditInst && !order.terms.contains(&terms) {
                return Err(Trouble::Input("請選擇分期期數。"));
            }
            let judged = card::judge(&input, method, terms, desk.books.switches.unknown_card)?;
            charge(desk, &merchant.keys, token, judged, order.api_3d, now);
        }
        Choice::Atm { bank } => {
            offered(Method::Atm)?;
            if !order.banks.contains(&bank) {
                return Err(Trouble::Input("請選擇轉帳銀行。"));
            }
            // Bank 822's accounts have 16 digits; of the others nothing is known, so they have as many.
            let pay_no = format!("9{}", desk.digits(15));
            let account5 = desk.digits(5);
            let payment = Payment::Atm {
                bank,
                pay_no,
                ends: order.number_ends,
                account5,
            };
            finish(
                desk,
                &merchant.keys,
                token,
                payment,
                TradeStatus::Issued,
                ("SUCCESS", "(ATM)建立成功"),
                now,
            );
        }
        Choice::Cvs => {
            offered(Method::Cvs)?;
            let pay_no = format!("T{}", desk.digits(11));
            let payment = Payment::Cvs {
                pay_no,
                ends: order.number_ends,
            };
            finish(
                desk,
                &merchant.keys,
                token,
                payment,
                TradeStatus::Issued,
                ("SUCCESS", "(CVS)建立成功"),
                now,
            );
        }
        Choice::Wallet(method) => {
            offered(method)?;
            set_stage(desk, token, Stage::Wallet(method));
        }
    }
    Ok(())
}

/// Charges a card, or asks for its 3D step first: where the order or the switch wants it, and for the cards
/// whose whole point is that step.
fn charge(desk: &mut Desk, keys: &Keys, token: &str, judged: Judged, api_3d: bool, now: i64) {
    let Judged {
        card,
        eci_mismatch,
        declines,
    } = judged;
    if api_3d || desk.books.switches.force_3d || eci_mismatch {
        set_stage(
            desk,
            token,
            Stage::ThreeD {
                card,
                eci_mismatch,
                declines,
            },
        );
    } else {
        authorise(desk, keys, token, card, false, declines, now);
    }
}

/// The end of the 3D step.
pub(crate) fn three_d(
    desk: &mut Desk,
    merchant: &Merchant,
    token: &str,
    passed: bool,
    now: i64,
) -> Result<(), Trouble> {
    let page = open(desk, token, now)?;
    let Stage::ThreeD {
        card,
        eci_mismatch,
        declines,
    } = page.stage.clone()
    else {
        return Err(Trouble::Elsewhere);
    };
    authorise(
        desk,
        &merchant.keys,
        token,
        card,
        passed && eci_mismatch,
        declines || !passed,
        now,
    );
    Ok(())
}

/// The end of the wallet's confirmation.
pub(crate) fn wallet(
    desk: &mut Desk,
    merchant: &Merchant,
    token: &str,
    paid: bool,
    now: i64,
) -> Result<(), Trouble> {
    let page = open(desk, token, now)?;
    let Stage::Wallet(method) = page.stage else {
        return Err(Trouble::Elsewhere);
    };
    let pay_no = format!("{}{}", now / 1000, desk.digits(9));
    let payment = Payment::Wallet { method, pay_no };
    let (status, result) = if paid {
        (TradeStatus::Paid, ("SUCCESS", "付款成功"))
    } else {
        (
            TradeStatus::Failed,
            ("UNAPPROVED", "付款失敗，消費者取消付款"),
        )
    };
    finish(desk, &merchant.keys, token, payment, status, result, now);
    Ok(())
}

fn authorise(
    desk: &mut Desk,
    keys: &Keys,
    token: &str,
    card: Card,
    eci_mismatch: bool,
    declines: bool,
    now: i64,
) {
    let switches = &desk.books.switches;
    let amount = desk
        .books
        .pages
        .get(token)
        .map_or(0, |page| page.order.amount);
    let approved = !declines && !eci_mismatch;
    let capture = if approved && switches.auto_capture {
        Capture::Applied {
            at: now,
            done: now + i64::from(switches.capture_delay_s) * 1000,
            amount,
        }
    } else {
        Capture::NotApplied
    };
    let (status, result) = match (approved, eci_mismatch) {
        (true, _) => (TradeStatus::Paid, ("SUCCESS", "授權成功")),
        // Documented is only that such a card is cancelled by itself and that a query then shows 3.
        (false, true) => (
            TradeStatus::Cancelled,
            ("UNAPPROVED", "3D驗證 ECI 不符，已自動取消授權"),
        ),
        (false, false) => (TradeStatus::Failed, ("UNAPPROVED", "授權失敗")),
    };
    finish(
        desk,
        keys,
        token,
        Payment::Card {
            card,
            capture,
            approved,
        },
        status,
        result,
        now,
    );
}

/// Writes the trade, sends its notice, and prepares the way back.
fn finish(
    desk: &mut Desk,
    keys: &Keys,
    token: &str,
    payment: Payment,
    status: TradeStatus,
    result: (&str, &str),
    now: i64,
) {
    let Some(order) = desk.books.pages.get(token).map(|page| page.order.clone()) else {
        return;
    };
    let trade = Trade {
        trade_no: desk.trade_no(now),
        amount: order.amount,
        order,
        status,
        payment,
        result: (result.0.to_owned(), result.1.to_owned()),
        created: now,
        paid: (status == TradeStatus::Paid).then_some(now),
        voided: None,
        refunds: Vec::new(),
    };
    desk.books.add_trade(trade.clone());
    let inner = message::result(&trade, &desk.books.switches);
    let version = trade.order.version.clone();
    outbox::notify(desk, keys, &trade, &version, "付款結果", inner.clone(), now);
    let lost = desk
        .books
        .faults
        .strikes(FaultKind::TimeoutAfterCharge, &trade.order.mer_trade_no);
    let dropped = desk
        .books
        .faults
        .strikes(FaultKind::DropReturn, &trade.order.mer_trade_no);
    let back = if lost || dropped {
        None
    } else {
        outbox::give_back(desk, keys, &trade, inner, now)
    };
    set_stage(
        desk,
        token,
        Stage::Done {
            trade_no: trade.trade_no,
            back,
            lost,
        },
    );
}

/// What the portal's 補觸發 sends: the trade as it stands.
pub(crate) fn resend(desk: &mut Desk, merchant: &Merchant, trade_no: &str, now: i64) -> Option<()> {
    let trade = desk.books.trade_of(&merchant.mer_id, trade_no)?.clone();
    let switches = &desk.books.switches;
    let offline = trade.payment.number().is_some();
    let (version, inner) = match (offline, trade.status, trade.paid) {
        (true, TradeStatus::Expired, _) => ("1.0".to_owned(), message::expired(&trade)),
        (true, TradeStatus::Paid, Some(at)) => (
            "1.0".to_owned(),
            message::number_paid(&trade, switches, "", trade.amount, at),
        ),
        _ => (
            trade.order.version.clone(),
            message::result(&trade, switches),
        ),
    };
    outbox::notify(desk, &merchant.keys, &trade, &version, "補觸發", inner, now);
    Some(())
}
