use jiff::Timestamp;
use jiff::civil::Date;

use crate::ask::check_amount;
use crate::envelope::{Sealed, seal};
use crate::merchant::Merchant;
use crate::methods::{Method, Methods};
use crate::refusal::RequestError;
use crate::times::{taipei, taipei_date};
use crate::trade::MerTradeNo;

/// The path of the hosted page after `…/api/`; the buyer's browser posts the sealed form to it.
pub const UPP_PATH: &str = "upp";

/// `Version` of the hosted page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UppVersion {
    /// Since 2026-01-05.
    #[default]
    V2_0,
    /// Before; still served.
    V1_0,
}

/// The page's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Traditional Chinese.
    #[default]
    ZhTw,
    /// English.
    En,
}

/// A buyer on the way to PAYUNi's hosted page (PAYUNi docs page 34).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UppRequest {
    /// Our number of this attempt; never used before.
    pub mer_trade_no: MerTradeNo,
    /// TWD.
    pub amount: u32,
    /// What is bought; over 550 characters it is cut, visibly. `;` parts several items.
    pub prod_desc: String,
    /// Where the buyer's browser posts the result; without it the buyer stays on PAYUNi's page.
    pub return_url: Option<String>,
    /// Where PAYUNi posts the notice. PAYUNi calls only ports 80 and 443: see [`reachable_port`].
    pub notify_url: Option<String>,
    /// Where "back to the shop" leads.
    pub back_url: Option<String>,
    /// Fills in the buyer's mail address.
    pub user_mail: Option<String>,
    /// Last day to pay an ATM or convenience-store number, in Taipei; PAYUNi's default is 7 days.
    pub expire_date: Option<Date>,
    /// How long the page lives, 60 to 600 seconds; PAYUNi's default is 600.
    pub page_life_s: Option<u16>,
    /// Which ways of paying are shown.
    pub methods: Methods,
    /// The page's language.
    pub lang: Lang,
    /// Now. PAYUNi refuses old ones, after how long is not documented.
    pub timestamp: Timestamp,
    /// The interface's version.
    pub version: UppVersion,
}

impl UppRequest {
    /// A request with everything optional left out.
    #[must_use]
    pub fn new(
        mer_trade_no: MerTradeNo,
        amount: u32,
        prod_desc: impl Into<String>,
        timestamp: Timestamp,
    ) -> Self {
        Self {
            mer_trade_no,
            amount,
            prod_desc: prod_desc.into(),
            return_url: None,
            notify_url: None,
            back_url: None,
            user_mail: None,
            expire_date: None,
            page_life_s: None,
            methods: Methods::default(),
            lang: Lang::default(),
            timestamp,
            version: UppVersion::default(),
        }
    }

    /// The sealed form for the buyer's browser.
    ///
    /// # Errors
    /// [`RequestError`] names the field that PAYUNi would refuse.
    pub fn seal(&self, merchant: &Merchant) -> Result<Sealed, RequestError> {
        let version = match self.version {
            UppVersion::V2_0 => "2.0",
            UppVersion::V1_0 => "1.0",
        };
        let pairs = self.pairs(merchant)?;
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Ok(seal(merchant, version, &pairs))
    }

    fn pairs(&self, merchant: &Merchant) -> Result<Vec<(&'static str, String)>, RequestError> {
        let mut pairs = vec![
            ("MerID", merchant.id.to_string()),
            ("MerTradeNo", self.mer_trade_no.to_string()),
            ("TradeAmt", check_amount(self.amount)?),
            ("Timestamp", self.timestamp.as_second().to_string()),
            ("ProdDesc", prod_desc(&self.prod_desc)?),
        ];
        for (field, url) in [
            ("ReturnURL", &self.return_url),
            ("NotifyURL", &self.notify_url),
            ("BackURL", &self.back_url),
        ] {
            if let Some(url) = url {
                pairs.push((field, web_address(field, url)?));
            }
        }
        if let Some(mail) = &self.user_mail {
            pairs.push(("UsrMail", mail_address(mail)?));
        }
        if let Some(date) = self.expire_date {
            pairs.push(("ExpireDate", self.expiry(date)?));
        }
        if let Some(seconds) = self.page_life_s {
            if !(60..=600).contains(&seconds) {
                return Err(RequestError::Field {
                    field: "TradeLExpireSec",
                    rule: "must be 60 to 600 seconds",
                });
            }
            pairs.push(("TradeLExpireSec", seconds.to_string()));
        }
        for method in self.methods.chosen() {
            if let Some((min, max)) = method.limits()
                && !method.takes(self.amount)
            {
                return Err(RequestError::Amount {
                    amount: self.amount,
                    method: method.field(),
                    min,
                    max,
                });
            }
            pairs.push((method.field(), "1".to_owned()));
        }
        if self.lang == Lang::En {
            pairs.push(("Lang", "en".to_owned()));
        }
        Ok(pairs)
    }

    fn expiry(&self, date: Date) -> Result<String, RequestError> {
        let refuse = |rule| {
            Err(RequestError::Field {
                field: "ExpireDate",
                rule,
            })
        };
        let today = taipei_date(self.timestamp);
        let Ok(days) = today.until(date).map(|span| span.get_days()) else {
            return refuse("must be a date");
        };
        let only_cvs = self.methods.chosen() == [Method::Cvs];
        if days < 0 {
            return refuse("must not have passed");
        }
        if days == 0 && taipei(self.timestamp).hour() >= 22 {
            return refuse("must leave two hours of today");
        }
        if days > 180 {
            return refuse("must be within 180 days");
        }
        if days > 7 && only_cvs {
            return refuse("must be within 7 days for a convenience-store code");
        }
        Ok(date.to_string())
    }
}

/// Whether PAYUNi would call this address: its notices go to ports 80 and 443 only.
#[must_use]
pub fn reachable_port(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port = host
        .rsplit_once(':')
        .map(|(_, port)| port)
        .filter(|port| !port.contains(']'));
    matches!(scheme, "http" | "https")
        && !host.is_empty()
        && matches!(port, None | Some("80" | "443"))
}

fn prod_desc(text: &str) -> Result<String, RequestError> {
    const MAX: usize = 550;
    let mut text: String = text
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.is_empty() {
        return Err(RequestError::Field {
            field: "ProdDesc",
            rule: "must not be empty",
        });
    }
    if text.chars().count() > MAX {
        text = text.chars().take(MAX - 1).chain(['…']).collect();
    }
    Ok(text)
}

fn web_address(field: &'static str, url: &str) -> Result<String, RequestError> {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .unwrap_or_default();
    if host.is_empty()
        || host.starts_with('/')
        || url.len() > 2_000
        || !url.bytes().all(|b| b.is_ascii_graphic())
    {
        return Err(RequestError::Field {
            field,
            rule: "must be a full http or https address in ASCII",
        });
    }
    Ok(url.to_owned())
}

fn mail_address(mail: &str) -> Result<String, RequestError> {
    let plain = mail.len() <= 254 && mail.chars().all(|c| !c.is_whitespace() && !c.is_control());
    match mail.split_once('@') {
        Some((user, host))
            if plain && !user.is_empty() && !host.is_empty() && !host.contains('@') =>
        {
            Ok(mail.to_owned())
        }
        _ => Err(RequestError::Field {
            field: "UsrMail",
            rule: "must be a mail address",
        }),
    }
}
