//! What kinds of hops there are: between whom, through which lines, who could have forged them, and where each is explained.

use crate::text::Text;

/// Who sends and who gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The buyer's browser.
    Browser,
    /// The shop.
    Shop,
    /// The gateway.
    Payuni,
    /// Google, for sign-in and for the sheet.
    Google,
}

impl Lane {
    pub(super) const ALL: [Self; 4] = [Self::Browser, Self::Shop, Self::Payuni, Self::Google];

    pub(super) fn name(self, t: &Text) -> &str {
        match self {
            Self::Browser => &t.flow.browser,
            Self::Shop => &t.flow.shop,
            Self::Payuni => &t.flow.payuni,
            Self::Google => &t.flow.google,
        }
    }

    /// The middle of its column in the picture of a hop.
    pub(super) fn x(self) -> &'static str {
        match self {
            Self::Browser => "12.5%",
            Self::Shop => "37.5%",
            Self::Payuni => "62.5%",
            Self::Google => "87.5%",
        }
    }
}

/// What kind of hop it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopKind {
    /// Step 1: the browser comes back from Google.
    SignIn,
    /// Step 1: the shop changes the code for an ID token.
    Token,
    /// Step 3.
    Placed,
    /// Step 4.
    HandOver,
    /// Step 5.
    Notice,
    /// Step 6.
    Return,
    /// Step 7.
    Query,
    /// A person wants money to go back.
    Wish,
    /// The way back.
    Refund,
    /// The delivery.
    Delivery,
    /// The sheet.
    Sheet,
}

impl HopKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::SignIn,
        Self::Token,
        Self::Placed,
        Self::HandOver,
        Self::Notice,
        Self::Return,
        Self::Query,
        Self::Wish,
        Self::Refund,
        Self::Delivery,
        Self::Sheet,
    ];

    /// What an order has when all goes well, in the order of the steps.
    pub const GOOD_WAY: [Self; 9] = [
        Self::SignIn,
        Self::Token,
        Self::Placed,
        Self::HandOver,
        Self::Notice,
        Self::Return,
        Self::Query,
        Self::Delivery,
        Self::Sheet,
    ];

    pub(super) fn lanes(self) -> (Lane, Lane) {
        match self {
            Self::SignIn | Self::Placed | Self::Return | Self::Wish => (Lane::Browser, Lane::Shop),
            Self::HandOver => (Lane::Browser, Lane::Payuni),
            Self::Notice => (Lane::Payuni, Lane::Shop),
            Self::Query | Self::Refund => (Lane::Shop, Lane::Payuni),
            Self::Delivery => (Lane::Shop, Lane::Shop),
            Self::Sheet | Self::Token => (Lane::Shop, Lane::Google),
        }
    }

    pub(super) fn name(self, t: &Text) -> &str {
        let f = &t.flow;
        match self {
            Self::SignIn => &f.k_sign_in,
            Self::Token => &f.k_token,
            Self::Placed => &f.k_placed,
            Self::HandOver => &f.k_hand_over,
            Self::Notice => &f.k_notice,
            Self::Return => &f.k_return,
            Self::Query => &f.k_query,
            Self::Wish => &f.k_wish,
            Self::Refund => &f.k_refund,
            Self::Delivery => &f.k_delivery,
            Self::Sheet => &f.k_sheet,
        }
    }

    pub(super) fn sentence(self, t: &Text) -> &str {
        let f = &t.flow;
        match self {
            Self::SignIn => &f.s_sign_in,
            Self::Token => &f.s_token,
            Self::Placed => &f.s_placed,
            Self::HandOver => &f.s_hand_over,
            Self::Notice => &f.s_notice,
            Self::Return => &f.s_return,
            Self::Query => &f.s_query,
            Self::Wish => &f.s_wish,
            Self::Refund => &f.s_refund,
            Self::Delivery => &f.s_delivery,
            Self::Sheet => &f.s_sheet,
        }
    }

    pub(super) fn forger(self, t: &Text) -> &str {
        let f = &t.flow;
        match self {
            Self::SignIn => &f.w_sign_in,
            Self::Token => &f.w_token,
            Self::Placed => &f.w_placed,
            Self::HandOver => &f.w_hand_over,
            Self::Notice => &f.w_notice,
            Self::Return => &f.w_return,
            Self::Query => &f.w_query,
            Self::Wish => &f.w_wish,
            Self::Refund => &f.w_refund,
            Self::Delivery => &f.w_delivery,
            Self::Sheet => &f.w_sheet,
        }
    }

    /// Where the code of it begins: the item and its file.
    #[must_use]
    pub fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::SignIn => ("callback", "crates/shop/src/flow/step_1_sign_in.rs"),
            Self::Token => ("SignIn::finish_and_show", "crates/google/src/sign_in.rs"),
            Self::Placed => ("checkout", "crates/shop/src/flow/step_3_place_order.rs"),
            Self::HandOver => ("hand_over", "crates/shop/src/flow/step_4_hand_over.rs"),
            Self::Notice => ("notified", "crates/shop/src/flow/step_5_notified.rs"),
            Self::Return => ("returned", "crates/shop/src/flow/step_6_return.rs"),
            Self::Query => ("ask_due", "crates/shop/src/flow/step_7_reconcile.rs"),
            Self::Wish => ("ask", "crates/shop/src/admin/refunds.rs"),
            Self::Refund => ("refund_due", "crates/shop/src/jobs/refund.rs"),
            Self::Delivery => ("deliver_due", "crates/shop/src/jobs/deliver.rs"),
            Self::Sheet => ("write", "crates/shop/src/jobs/sheet_write.rs"),
        }
    }

    /// The section of the book that tells of it, below `/learn`.
    #[must_use]
    pub fn section(self) -> &'static str {
        match self {
            Self::SignIn | Self::Token => "2-flow/02-sign-in-and-choose",
            Self::Placed | Self::HandOver => "2-flow/03-order-and-hand-over",
            Self::Notice | Self::Return => "2-flow/04-notice-and-return",
            Self::Query => "2-flow/05-reconcile",
            Self::Wish | Self::Refund => "2-flow/07-the-way-back",
            Self::Delivery => "3-lines/05-confirmation",
            Self::Sheet => "4-change/04-effects",
        }
    }

    /// The case of the attack lab that attacks it, below `/lab`.
    #[must_use]
    pub fn attack(self) -> &'static str {
        match self {
            Self::SignIn => "A105",
            Self::Token => "A107",
            Self::Placed => "A49",
            Self::HandOver => "A01",
            Self::Notice => "A24",
            Self::Return => "A29",
            Self::Query => "A47",
            Self::Wish => "A98",
            Self::Refund => "A68",
            Self::Delivery => "A37",
            Self::Sheet => "A121",
        }
    }

    /// The lines that stand in its way, in their order.
    pub(super) fn lines(self) -> &'static [u8] {
        match self {
            Self::SignIn => &[1],
            Self::Token | Self::Refund => &[2, 3],
            Self::Return => &[1, 2, 3],
            Self::Placed => &[1, 3, 4],
            Self::Notice | Self::Wish => &[1, 2, 3, 4],
            Self::Query => &[2, 3, 4, 5],
            Self::Delivery => &[5],
            Self::HandOver | Self::Sheet => &[],
        }
    }
}

/// Of one of the five lines: the item and the file in which it stands, and the section of the book.
pub(super) fn line(number: u8, of: HopKind) -> ((&'static str, &'static str), &'static str) {
    match (number, of) {
        (1, HopKind::SignIn | HopKind::Placed | HopKind::Wish) => {
            (("guard", "crates/edge/src/csrf.rs"), "3-lines/01-edge")
        }
        (1, _) => (("receive", "crates/edge/src/receive.rs"), "3-lines/01-edge"),
        (2, HopKind::Token) => (
            ("Parts::verify", "crates/google/src/sign_in/id_token.rs"),
            "3-lines/02-authenticity",
        ),
        (2, HopKind::Wish) => (
            ("enter_with", "crates/shop/src/admin/enter.rs"),
            "3-lines/02-authenticity",
        ),
        (2, _) => (
            ("Envelope::open", "crates/payuni/src/envelope.rs"),
            "3-lines/02-authenticity",
        ),
        (3, HopKind::Token) => (
            ("Signed::accept", "crates/google/src/sign_in/id_token.rs"),
            "3-lines/03-meaning",
        ),
        (3, HopKind::Placed) => (
            ("checkout", "crates/shop/src/flow/step_3_place_order.rs"),
            "3-lines/03-meaning",
        ),
        (3, HopKind::Wish) => (
            ("begin_anew", "crates/shop/src/refunds.rs"),
            "3-lines/03-meaning",
        ),
        (3, _) => (("bind", "crates/orders/src/bind.rs"), "3-lines/03-meaning"),
        (4, HopKind::Placed) => (("place", "crates/ledger/src/port.rs"), "3-lines/04-state"),
        (4, HopKind::Wish) => (
            ("request_refund", "crates/ledger/src/desk.rs"),
            "3-lines/04-state",
        ),
        (4, _) => (("record", "crates/ledger/src/port.rs"), "3-lines/04-state"),
        _ => (
            ("Book::confirmed", "crates/orders/src/book.rs"),
            "3-lines/05-confirmation",
        ),
    }
}

/// Where the book's reader shows an item of the code.
pub(super) fn code_url((item, file): (&str, &str)) -> String {
    format!("/learn/code/{file}?item={item}#item")
}

/// Every address of the book and of the lab to which the explorer leads, for a test that opens them.
#[must_use]
pub fn addresses() -> Vec<String> {
    let mut all = Vec::new();
    for kind in HopKind::ALL {
        all.push(code_url(kind.code()));
        all.push(format!("/learn/{}", kind.section()));
        all.push(format!("/lab/{}", kind.attack()));
        for number in kind.lines() {
            let (code, section) = line(*number, kind);
            all.push(code_url(code));
            all.push(format!("/learn/{section}"));
        }
    }
    all.sort();
    all.dedup();
    all
}
