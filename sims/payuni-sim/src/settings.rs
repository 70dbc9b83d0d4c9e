//! Who uses the sandbox, and where.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::envelope::Keys;
use crate::switches::Switches;

/// `MerID` of the demo merchant.
pub const DEMO_MER_ID: &str = "JINLIUDEMO";
/// `HashKey` of the demo merchant (32 bytes). Public, so good for the sandbox alone.
pub const DEMO_HASH_KEY: &str = "jinliu-sandbox-payuni-hash-key-1";
/// `HashIV` of the demo merchant (16 bytes). Public, so good for the sandbox alone.
pub const DEMO_HASH_IV: &str = "jinliu-sandbox-i";

/// A way to pay on the hosted page, named as its toggle in the UPP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Method {
    /// One-off card payment.
    Credit,
    /// Card instalments.
    CreditInst,
    /// `UnionPay` card.
    CreditUnionPay,
    /// Virtual account.
    #[serde(rename = "ATM")]
    Atm,
    /// 7-ELEVEN code.
    #[serde(rename = "CVS")]
    Cvs,
    /// LINE Pay.
    LinePay,
    /// icash Pay.
    ICash,
    /// AFTEE, pay later.
    Aftee,
    /// `JKoPay`.
    JKoPay,
}

impl Method {
    /// All methods of the sandbox's page, in its order.
    pub const ALL: [Self; 9] = [
        Self::Credit,
        Self::CreditInst,
        Self::CreditUnionPay,
        Self::Atm,
        Self::Cvs,
        Self::LinePay,
        Self::ICash,
        Self::Aftee,
        Self::JKoPay,
    ];
}

/// A merchant of the sandbox.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// `MerID`.
    pub mer_id: String,
    /// `HashKey` and `HashIV`.
    pub keys: Keys,
    /// Name on the hosted page.
    pub name: String,
    /// What the merchant switched on; a UPP request without any toggle shows all of it.
    pub methods: Vec<Method>,
    /// Instalment terms.
    pub terms: Vec<u32>,
}

impl Merchant {
    /// A merchant with every method. `None` where the key has not 32 or the iv not 16 bytes.
    #[must_use]
    pub fn new(mer_id: &str, hash_key: &str, hash_iv: &str, name: &str) -> Option<Self> {
        Some(Self {
            mer_id: mer_id.to_owned(),
            keys: Keys::new(hash_key, hash_iv)?,
            name: name.to_owned(),
            methods: Method::ALL.to_vec(),
            terms: vec![3, 6, 12],
        })
    }

    /// The demo merchant.
    #[must_use]
    pub fn demo() -> Option<Self> {
        Self::new(DEMO_MER_ID, DEMO_HASH_KEY, DEMO_HASH_IV, "島嶼選物（示範）")
    }
}

/// How the sandbox starts.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where browsers reach it, without a slash at the end.
    pub public_url: String,
    /// Who may use it.
    pub merchants: Vec<Merchant>,
    /// Switches at the start and after a reset.
    pub switches: Switches,
    /// Where it keeps its books; `None` forgets them at the end.
    pub state_file: Option<PathBuf>,
    /// Seed of numbers and tokens.
    pub seed: u64,
}

impl Settings {
    /// The demo merchant at `http://localhost:8081`, nothing kept, a random seed.
    #[must_use]
    pub fn demo() -> Self {
        Self {
            public_url: "http://localhost:8081".to_owned(),
            merchants: Merchant::demo().into_iter().collect(),
            switches: Switches::default(),
            state_file: None,
            seed: rand::random(),
        }
    }
}
