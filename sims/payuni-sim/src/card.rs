//! A typed card against the documented test cards (PAYUNi docs pages 34, 374, 512).

use crate::pay::Trouble;
use crate::settings::Method;
use crate::switches::UnknownCard;
use crate::trade::{AuthType, Card};

/// A card as typed. Has no `Debug`, so that it cannot be printed by accident.
pub(crate) struct CardInput {
    pub(crate) number: String,
    pub(crate) expiry: String,
    pub(crate) cvc: String,
}

/// CVC that the sandbox declines. PAYUNi documents no card that is declined, so this rule is the sandbox's own.
const DECLINING_CVC: &str = "000";

/// A documented test card.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TestCard {
    OneOff,
    EciMismatch,
    Instalment { nine: bool },
    UnionPay,
}

fn test_card(number: &str) -> Option<TestCard> {
    Some(match number {
        "4147631000000001" | "3560511000000001" => TestCard::OneOff,
        "4147631000000002" | "3560511000000002" => TestCard::EciMismatch,
        "4147632000000001" | "3560512000000001" => TestCard::Instalment { nine: false },
        "4741502000000001" | "3560562000000001" => TestCard::Instalment { nine: true },
        "6200000000000001" => TestCard::UnionPay,
        _ => return None,
    })
}

/// A card that passed the form, and what will become of it.
pub(crate) struct Judged {
    pub(crate) card: Card,
    pub(crate) eci_mismatch: bool,
    pub(crate) declines: bool,
}

const NOT_A_TEST_CARD: &str =
    "這裡是沙盒，只收 PAYUNi 公開的測試卡號。請勿在此輸入真實卡號，資料未被保存。";

/// Reads and judges a card.
pub(crate) fn judge(
    input: &CardInput,
    method: Method,
    terms: u32,
    unknown: UnknownCard,
) -> Result<Judged, Trouble> {
    let number: String = input
        .number
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .collect();
    if !matches!(number.len(), 16 | 19) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Trouble::Input("卡號請輸入 16 或 19 碼數字。"));
    }
    let expiry: String = input
        .expiry
        .chars()
        .filter(|c| !matches!(c, ' ' | '/'))
        .collect();
    let month = expiry.get(..2).and_then(|m| m.parse::<u8>().ok());
    if expiry.len() != 4
        || !expiry.bytes().all(|b| b.is_ascii_digit())
        || !month.is_some_and(|m| (1..=12).contains(&m))
    {
        return Err(Trouble::Input("有效期限請輸入 MM/YY。"));
    }
    if input.cvc.len() != 3 || !input.cvc.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Trouble::Input("安全碼請輸入卡片背面 3 碼數字。"));
    }
    let known = test_card(&number);
    let auth = match (known, method) {
        (Some(TestCard::UnionPay), _) | (None, Method::CreditUnionPay) => AuthType::UnionPay,
        (Some(_), Method::CreditUnionPay) => {
            return Err(Trouble::Input("此卡不是銀聯卡，請改選信用卡。"));
        }
        (Some(TestCard::Instalment { nine }), Method::CreditInst) => {
            if terms == 9 && !nine {
                return Err(Trouble::Input("此測試卡不支援 9 期。"));
            }
            AuthType::Instalment
        }
        (Some(TestCard::Instalment { .. }), _) => {
            return Err(Trouble::Input("此測試卡僅供分期付款。"));
        }
        (Some(_), Method::CreditInst) => {
            return Err(Trouble::Input("此測試卡僅供一次付清，分期請用分期測試卡。"));
        }
        (None, Method::CreditInst) => AuthType::Instalment,
        (Some(_) | None, _) => AuthType::OneOff,
    };
    if auth == AuthType::UnionPay && method != Method::CreditUnionPay {
        return Err(Trouble::Input("銀聯卡請改選「銀聯卡」付款。"));
    }
    if known.is_none() && unknown == UnknownCard::Refuse {
        return Err(Trouble::Input(NOT_A_TEST_CARD));
    }
    let four = number.len() - 4;
    Ok(Judged {
        card: Card {
            six: number.get(..6).unwrap_or_default().to_owned(),
            four: number.get(four..).unwrap_or_default().to_owned(),
            expiry,
            terms: if method == Method::CreditInst {
                terms
            } else {
                1
            },
            auth,
        },
        eci_mismatch: known == Some(TestCard::EciMismatch),
        declines: known.is_none() || input.cvc == DECLINING_CVC,
    })
}
