/// A way of paying that the page may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Card.
    Card,
    /// ATM transfer.
    Atm,
    /// Convenience-store code.
    Cvs,
    /// LINE Pay.
    LinePay,
    /// icash Pay.
    Icash,
    /// AFTEE.
    Aftee,
    /// JKO Pay.
    JkoPay,
    /// Apple Pay.
    ApplePay,
    /// Google Pay.
    GooglePay,
    /// Samsung Pay.
    SamsungPay,
    /// Union Pay cards.
    UnionPay,
}

impl Method {
    /// The field that shows it.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Card => "Credit",
            Self::Atm => "ATM",
            Self::Cvs => "CVS",
            Self::LinePay => "LinePay",
            Self::Icash => "ICash",
            Self::Aftee => "Aftee",
            Self::JkoPay => "JKoPay",
            Self::ApplePay => "ApplePay",
            Self::GooglePay => "GooglePay",
            Self::SamsungPay => "SamsungPay",
            Self::UnionPay => "CreditUnionPay",
        }
    }

    /// Least and most TWD (PAYUNi docs page 170), where PAYUNi states them; the wallets' limits are their own.
    #[must_use]
    pub const fn limits(self) -> Option<(u32, u32)> {
        match self {
            Self::Card => Some((1, 199_999)),
            Self::Atm => Some((15, 49_999)),
            Self::Cvs => Some((30, 20_000)),
            Self::Aftee => Some((20, 49_999)),
            Self::LinePay
            | Self::Icash
            | Self::JkoPay
            | Self::ApplePay
            | Self::GooglePay
            | Self::SamsungPay
            | Self::UnionPay => None,
        }
    }

    /// Whether it takes this many TWD, as far as PAYUNi states it.
    #[must_use]
    pub const fn takes(self, amount: u32) -> bool {
        match self.limits() {
            Some((min, max)) => min <= amount && amount <= max,
            None => amount > 0,
        }
    }
}

/// Which ways of paying the page shows. **None chosen means: whatever the store has switched on at PAYUNi.**
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Methods {
    /// Card.
    pub card: bool,
    /// ATM transfer.
    pub atm: bool,
    /// Convenience-store code.
    pub cvs: bool,
    /// LINE Pay.
    pub line_pay: bool,
    /// icash Pay.
    pub icash: bool,
    /// AFTEE.
    pub aftee: bool,
    /// JKO Pay.
    pub jko_pay: bool,
    /// Apple Pay.
    pub apple_pay: bool,
    /// Google Pay.
    pub google_pay: bool,
    /// Samsung Pay.
    pub samsung_pay: bool,
    /// Union Pay cards.
    pub union_pay: bool,
}

impl Methods {
    const fn switches(&mut self) -> [(Method, &mut bool); 11] {
        [
            (Method::Card, &mut self.card),
            (Method::Atm, &mut self.atm),
            (Method::Cvs, &mut self.cvs),
            (Method::LinePay, &mut self.line_pay),
            (Method::Icash, &mut self.icash),
            (Method::Aftee, &mut self.aftee),
            (Method::JkoPay, &mut self.jko_pay),
            (Method::ApplePay, &mut self.apple_pay),
            (Method::GooglePay, &mut self.google_pay),
            (Method::SamsungPay, &mut self.samsung_pay),
            (Method::UnionPay, &mut self.union_pay),
        ]
    }

    /// Those chosen.
    #[must_use]
    pub fn chosen(mut self) -> Vec<Method> {
        self.switches()
            .into_iter()
            .filter(|(_, on)| **on)
            .map(|(method, _)| method)
            .collect()
    }

    /// Those chosen that take this amount; nothing if none of them does. (All switched off would show every method.)
    #[must_use]
    pub fn accepting(mut self, amount: u32) -> Option<Self> {
        for (method, on) in self.switches() {
            *on &= method.takes(amount);
        }
        (self != Self::default()).then_some(self)
    }
}
