//! The documented test cards at one touch: buttons of the hosted page, shorthand of the control API.

use crate::card::CardInput;
use crate::pay::Choice;
use crate::settings::Method;

/// A test card at one touch.
pub(crate) struct Quick {
    pub(crate) key: &'static str,
    pub(crate) number: &'static str,
    pub(crate) what: &'static str,
    pub(crate) method: Method,
    cvc: &'static str,
}

/// The test cards of the sandbox's hint box.
pub(crate) const QUICK: [Quick; 6] = [
    Quick {
        key: "ok",
        number: "4147631000000001",
        what: "授權成功",
        method: Method::Credit,
        cvc: "123",
    },
    Quick {
        key: "jcb",
        number: "3560511000000001",
        what: "授權成功（JCB）",
        method: Method::Credit,
        cvc: "123",
    },
    Quick {
        key: "eci",
        number: "4147631000000002",
        what: "3D ECI 不符，自動取消授權",
        method: Method::Credit,
        cvc: "123",
    },
    Quick {
        key: "decline",
        number: "4147631000000001",
        what: "安全碼 000，授權失敗（沙盒自訂）",
        method: Method::Credit,
        cvc: "000",
    },
    Quick {
        key: "inst",
        number: "4147632000000001",
        what: "分期 3 期",
        method: Method::CreditInst,
        cvc: "123",
    },
    Quick {
        key: "union",
        number: "6200000000000001",
        what: "銀聯卡",
        method: Method::CreditUnionPay,
        cvc: "123",
    },
];

impl Quick {
    pub(crate) fn choice(&self) -> Choice {
        let input = CardInput {
            number: self.number.to_owned(),
            expiry: "12/30".to_owned(),
            cvc: self.cvc.to_owned(),
        };
        Choice::Card {
            input,
            method: self.method,
            terms: if self.method == Method::CreditInst {
                3
            } else {
                1
            },
        }
    }
}
