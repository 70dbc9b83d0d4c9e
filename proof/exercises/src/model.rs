//! A shop small enough to be read at a glance: what the exercises' handlers work on.

use crate::envelope::{Keys, Parts};
use std::collections::BTreeSet;
use subtle::ConstantTimeEq;

/// The handler does not believe it: 4xx.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

/// Text by name: a form, or what is sealed in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        let none = Self::default();
        pairs
            .iter()
            .fold(none, |all, (name, value)| all.with(name, value))
    }

    /// The same with this value in the place of any other.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(field) => value.clone_into(&mut field.1),
            None => self.0.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    pub(crate) fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    pub(crate) fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value.as_str())
    }

    pub(crate) fn need(&self, name: &str) -> Result<&str, Refused> {
        self.get(name).ok_or(Refused)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }
}

/// The shop: its keys, and its orders.
pub(crate) struct Shop {
    pub(crate) merchant: &'static str,
    pub(crate) keys: Keys,
    /// Seconds since 1970.
    pub(crate) now: u64,
    /// What the catalogue asks for the product today.
    pub(crate) price_today: u32,
    /// Genuine, but for a person to look at.
    pub(crate) set_aside: Vec<Fields>,
    /// Every sealed text that ever came.
    pub(crate) seen: BTreeSet<String>,
    orders: Vec<Order>,
}

/// An order. What is paid is shipped.
pub(crate) struct Order {
    pub(crate) no: &'static str,
    pub(crate) member: &'static str,
    pub(crate) amount: u32,
    pub(crate) paid: bool,
}

impl Shop {
    pub(crate) fn new(orders: &[(&'static str, u32)]) -> Self {
        let order = |&(no, amount): &(&'static str, u32)| Order {
            no,
            member: "buyer",
            amount,
            paid: false,
        };
        Self {
            merchant: payuni_sim::DEMO_MER_ID,
            keys: Keys::DEMO,
            now: 1_795_000_000,
            price_today: orders.first().map_or(0, |(_, amount)| *amount),
            set_aside: Vec::new(),
            seen: BTreeSet::new(),
            orders: orders.iter().map(order).collect(),
        }
    }

    /// What is sealed in a form, once its hash (in constant time) and its tag are right.
    pub(crate) fn authentic(&self, form: &Fields) -> Result<Fields, Refused> {
        let text = form.need("EncryptInfo")?;
        let (ours, theirs) = (self.keys.hash(text), form.need("HashInfo")?);
        if !bool::from(ours.as_bytes().ct_eq(theirs.as_bytes())) {
            return Err(Refused);
        }
        self.opened(text)
    }

    /// What is sealed, once its tag is right. Who sealed it, the tag alone does not tell.
    pub(crate) fn opened(&self, encrypt_info: &str) -> Result<Fields, Refused> {
        let parts = Parts::of(encrypt_info)?;
        if !bool::from(self.keys.tag(&parts.ciphertext).ct_eq(&parts.tag)) {
            return Err(Refused);
        }
        Ok(Fields::parse(&self.keys.decrypt(&parts.ciphertext)))
    }

    /// Settles what is authentic, as it should be: a result, paid, for one of our orders, in its amount.
    pub(crate) fn settle(&mut self, fields: &Fields) -> Result<(), Refused> {
        let direction = !fields.has("NotifyURL") && fields.need("MerID")? == self.merchant;
        let paid = fields.need("Status")? == "SUCCESS" && fields.need("TradeStatus")? == "1";
        let order = self.order(fields.need("MerTradeNo")?)?;
        if !direction || fields.need("TradeAmt")? != order.amount.to_string() {
            return Err(Refused);
        }
        if paid {
            order.pay();
        }
        Ok(())
    }

    /// Keeps what is genuine but fits nothing, for a person to look at.
    pub(crate) fn set_aside(&mut self, fields: Fields) {
        self.set_aside.push(fields);
    }

    pub(crate) fn order(&mut self, no: &str) -> Result<&mut Order, Refused> {
        let order = self.orders.iter_mut().find(|order| order.no == no);
        order.ok_or(Refused)
    }

    pub(crate) fn is_paid(&self, no: &str) -> bool {
        self.orders.iter().any(|order| order.no == no && order.paid)
    }
}

impl Order {
    /// Records the payment and lets the goods go.
    pub(crate) fn pay(&mut self) {
        self.paid = true;
    }
}
