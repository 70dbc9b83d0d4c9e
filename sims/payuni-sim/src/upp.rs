//! What the hosted page asks of an order before it opens (PAYUNi docs pages 34, 156 and 170).
//!
//! Codes whose meaning is public carry it. Where only a range is public (amount limits `UPP02088` to
//! `UPP02108`) or nothing (a missing `ProdDesc`), the number is the sandbox's own choice and marked `own`.

use jiff::civil::Date;
use url::Url;

use crate::books::Books;
use crate::clock::{date, end_of};
use crate::envelope::Keys;
use crate::fields::Fields;
use crate::settings::{Merchant, Method};
use crate::switches::{InstOne, NotifyPorts};
use crate::trade::Order;

/// Why a request is refused: the code, and `Message` for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
}

pub(crate) fn refuse<T>(code: &str, message: &str) -> Result<T, Refusal> {
    Err(Refusal {
        code: code.to_owned(),
        message: message.to_owned(),
    })
}

/// `MerTradeNo`: at most 25 of `A-Z a-z 0-9 _ -`.
pub(crate) fn mer_trade_no(text: &str) -> Result<(), bool> {
    if text.len() > 25 {
        return Err(true);
    }
    if text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    {
        Ok(())
    } else {
        Err(false)
    }
}

/// Checks `Timestamp` against both clocks, if a window is set; the numbers are those after the prefix.
pub(crate) fn timestamp(
    inner: &Fields,
    books: &Books,
    prefix: &str,
    codes: [&str; 3],
    wall: i64,
    now: i64,
) -> Result<(), Refusal> {
    let [missing, not_number, expired] = codes.map(|code| format!("{prefix}{code}"));
    let Some(text) = inner.given("Timestamp") else {
        return refuse(&missing, "未有時間戳記");
    };
    let Ok(at) = text.parse::<u32>() else {
        return refuse(&not_number, "時間戳記，須為整數");
    };
    let Some(window) = books.switches.timestamp_window_s else {
        return Ok(());
    };
    let near = |clock: i64| (clock / 1000 - i64::from(at)).abs() <= i64::from(window);
    if near(wall) || near(now) {
        Ok(())
    } else {
        refuse(&expired, "時間戳記，已過期")
    }
}

/// Reads an order from a request whose seal and merchant are proved.
pub(crate) fn read(
    inner: &Fields,
    version: &str,
    merchant: &Merchant,
    books: &Books,
    wall: i64,
    now: i64,
) -> Result<Order, Refusal> {
    let Some(number) = inner.given("MerTradeNo") else {
        return refuse("UPP02002", "未有商店訂單編號");
    };
    match mer_trade_no(number) {
        Err(true) => return refuse("UPP02003", "商店訂單編號，長度超過限制"),
        Err(false) => return refuse("UPP02004", "商店訂單編號，格式錯誤"),
        Ok(()) => {}
    }
    let Some(amount) = inner.given("TradeAmt") else {
        return refuse("UPP02005", "未有訂單金額");
    };
    let Ok(amount) = amount.parse::<i64>() else {
        return refuse("UPP02006", "訂單金額，須為整數");
    };
    let amount = match u64::try_from(amount) {
        Ok(amount) if amount > 0 => amount,
        _ => return refuse("UPP02007", "訂單金額，格式錯誤"),
    };
    timestamp(inner, books, "UPP", ["02008", "02009", "02010"], wall, now)?;
    // own: no code for it is public.
    let Some(desc) = inner.given("ProdDesc") else {
        return refuse("UPP02014", "未有商品說明");
    };
    let return_url = web_address(inner, "ReturnURL", "UPP02011", NotifyPorts::Any)?;
    let notify_url = web_address(inner, "NotifyURL", "UPP02012", books.switches.notify_ports)?;
    let back_url = web_address(inner, "BackURL", "UPP02044", NotifyPorts::Any)?;
    let mail = inner.given("UsrMail").map(str::to_owned);
    if mail.as_deref().is_some_and(|m| !is_mail(m)) {
        return refuse("UPP02013", "消費者信箱，格式錯誤");
    }
    let life = match inner.given("TradeLExpireSec").map(str::parse::<i64>) {
        None => 600,
        Some(Err(_)) => return refuse("UPP02045", "交易限制秒數，須為整數"),
        Some(Ok(sec)) if (60..=600).contains(&sec) => sec,
        Some(Ok(_)) => return refuse("UPP02046", "交易限制秒數，須介於 60 至 600"),
    };
    let (days, number_ends) = expire_date(inner, now)?;
    let banks = banks(inner)?;
    if books.taken(&merchant.mer_id, number, now) {
        return refuse("UPP01007", "已存在相同商店訂單編號");
    }
    let (methods, terms) = methods(
        inner,
        merchant,
        books.switches.credit_inst_one,
        amount,
        days,
    )?;
    Ok(Order {
        mer_id: merchant.mer_id.clone(),
        version: version.to_owned(),
        mer_trade_no: number.to_owned(),
        amount,
        desc: desc.chars().take(550).collect(),
        return_url,
        notify_url,
        back_url,
        mail,
        mail_fixed: inner.get("UsrMailFix") == Some("1"),
        buyer_hash: inner.given("BuyerHash").map(str::to_owned),
        api_3d: inner.get("API3D") == Some("1"),
        methods,
        terms,
        banks,
        number_ends,
        page_ends: now + life * 1000,
    })
}

/// An absolute http(s) address without user or password in it.
fn web_address(
    inner: &Fields,
    name: &str,
    code: &str,
    ports: NotifyPorts,
) -> Result<Option<String>, Refusal> {
    let Some(text) = inner.given(name) else {
        return Ok(None);
    };
    let good = Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && (ports == NotifyPorts::Any || matches!(url.port_or_known_default(), Some(80 | 443)))
    });
    if good {
        Ok(Some(text.to_owned()))
    } else {
        refuse(code, &format!("{name}，格式錯誤"))
    }
}

pub(crate) fn is_mail(text: &str) -> bool {
    let plain = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    plain
        && text.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.contains('@')
        })
}

/// Days from today, and the last second, of the payment number: given or 7 days.
fn expire_date(inner: &Fields, now: i64) -> Result<(i32, i64), Refusal> {
    let today = date(now);
    let wrong = || refuse("UPP02042", "繳費截止日，格式錯誤");
    let Ok(week) = today.checked_add(jiff::Span::new().days(7)) else {
        return wrong();
    };
    let day = match inner.given("ExpireDate") {
        None => week,
        Some(text) => match text.parse::<Date>() {
            Ok(day) if text.len() == 10 => day,
            _ => return wrong(),
        },
    };
    let Some(end) = end_of(day) else {
        return wrong();
    };
    let days = today.until(day).map_or(-1, |span| span.get_days());
    if !(0..=180).contains(&days) || end - now < 2 * 3_600_000 {
        return refuse("UPP02043", "繳費截止日，超過可設定的範圍");
    }
    Ok((days, end))
}

/// Banks of the virtual account that the sandbox knows: code and name.
pub(crate) const BANKS: [(&str, &str); 3] = [
    ("822", "中國信託"),
    ("004", "台灣銀行"),
    ("013", "國泰世華"),
];

fn banks(inner: &Fields) -> Result<Vec<String>, Refusal> {
    let known: Vec<String> = BANKS.iter().map(|(code, _)| (*code).to_owned()).collect();
    let Some(wanted) = inner.given("AtmBankType") else {
        return Ok(known);
    };
    let wanted: Vec<String> = wanted
        .split(',')
        .map(|code| code.trim().to_owned())
        .collect();
    if wanted.iter().all(|code| known.contains(code)) {
        Ok(wanted)
    } else {
        refuse("UPP02077", "銀行代碼，格式錯誤或未支援")
    }
}

/// Least and most dollars of a method; wallets other than AFTEE follow their provider's rule.
fn limits(method: Method) -> (u64, u64) {
    match method {
        Method::Credit | Method::CreditInst | Method::CreditUnionPay => (1, 199_999),
        Method::Atm => (15, 49_999),
        Method::Cvs => (30, 20_000),
        Method::Aftee => (20, 49_999),
        Method::LinePay | Method::ICash | Method::JKoPay => (1, u64::MAX),
    }
}

/// Name of the toggle, code of "not enabled", and the `own` code of "outside the limits".
fn toggle(method: Method) -> (&'static str, &'static str, &'static str) {
    match method {
        Method::Credit => ("Credit", "UPP02029", "UPP02088"),
        Method::CreditInst => ("CreditInst", "UPP02034", "UPP02089"),
        Method::CreditUnionPay => ("CreditUnionPay", "UPP02032", "UPP02090"),
        Method::Atm => ("ATM", "UPP02030", "UPP02091"),
        Method::Cvs => ("CVS", "UPP02031", "UPP02092"),
        Method::LinePay => ("LinePay", "UPP02073", "UPP02093"),
        Method::ICash => ("ICash", "UPP02049", "UPP02094"),
        Method::Aftee => ("Aftee", "UPP02050", "UPP02095"),
        Method::JKoPay => ("JKoPay", "UPP02109", "UPP02096"),
    }
}

fn methods(
    inner: &Fields,
    merchant: &Merchant,
    one: InstOne,
    amount: u64,
    days: i32,
) -> Result<(Vec<Method>, Vec<u32>), Refusal> {
    const ELSEWHERE: [&str; 5] = ["ApplePay", "GooglePay", "SamsungPay", "Ship", "ShipTag"];
    let named = Method::ALL
        .iter()
        .any(|m| inner.given(toggle(*m).0).is_some())
        || ELSEWHERE.iter().any(|name| inner.given(name).is_some());
    let mut offered = Vec::new();
    let mut terms = merchant.terms.clone();
    for method in Method::ALL {
        let (name, disabled, _) = toggle(method);
        let wanted = match inner.given(name) {
            None => !named,
            Some(list) if method == Method::CreditInst => {
                terms = instalments(list, merchant, one)?;
                !terms.is_empty()
            }
            Some(value) => value == "1",
        };
        let enabled = merchant.methods.contains(&method);
        if wanted && named && !enabled {
            return refuse(disabled, "商店未啟用此支付工具");
        }
        if wanted && enabled {
            offered.push(method);
        }
    }
    let before = offered.clone();
    offered.retain(|m| {
        let (least, most) = limits(*m);
        (least..=most).contains(&amount) && !(*m == Method::Cvs && days > 7)
    });
    match (offered.is_empty(), before.as_slice()) {
        (false, _) => Ok((offered, terms)),
        (true, [Method::Cvs]) if days > 7 => refuse("UPP02022", "無可用支付工具"),
        (true, [only]) => refuse(toggle(*only).2, "訂單金額，超過此支付工具的限額"),
        (true, _) => refuse("UPP02022", "無可用支付工具"),
    }
}

fn instalments(list: &str, merchant: &Merchant, one: InstOne) -> Result<Vec<u32>, Refusal> {
    let mut terms = Vec::new();
    for text in list.split(',') {
        match text.trim().parse::<u32>() {
            Ok(1) if one == InstOne::AllTerms => terms.extend(&merchant.terms),
            Ok(0 | 1) => {}
            Ok(n) if merchant.terms.contains(&n) => terms.push(n),
            Ok(_) | Err(_) => return refuse("UPP02034", "商店未啟用此分期期數"),
        }
    }
    Ok(terms)
}

/// The inner fields of a refusal.
pub(crate) fn refused(refusal: &Refusal, mer_id: &str, mer_trade_no: Option<&str>) -> Fields {
    let fields = Fields::new()
        .with("Status", &refusal.code)
        .with("Message", &refusal.message)
        .with("MerID", mer_id);
    match mer_trade_no {
        Some(no) => fields.with("MerTradeNo", no),
        None => fields,
    }
}

/// Where a refused buyer can be sent back to, if the request names a good place.
pub(crate) fn return_address(inner: &Fields) -> Option<String> {
    web_address(inner, "ReturnURL", "", NotifyPorts::Any)
        .ok()
        .flatten()
}

/// The signed refusal for that place.
pub(crate) fn sealed_refusal(keys: &Keys, mer_id: &str, version: &str, inner: &Fields) -> Fields {
    crate::outbox::refusal(keys, mer_id, version, inner)
}
