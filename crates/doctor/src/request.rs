//! What a request says beside its seal: when, which version, to where. As far as PAYUNi's documents say how it must be.

use jiff::Timestamp;

use crate::finding::{Finding, Id, Term};
use crate::inner::Inner;

/// Interfaces with the versions that were seen (PAYUNi docs; the newest first).
const ENDPOINTS: &[(&str, &[&str])] = &[
    ("upp", &["2.0", "1.0"]),
    ("credit", &["1.3", "1.2", "1.1", "1.0"]),
    ("atm", &["1.3", "1.0"]),
    ("cvs", &["1.3", "1.0"]),
    ("linepay", &["1.2", "1.1"]),
    ("aftee_direct", &["1.1", "1.0"]),
    ("jkopay", &["1.1", "1.0"]),
    ("trade/query", &["2.0", "1.0"]),
    ("trade/finite_query", &["1.0"]),
    ("trade/close", &["1.0"]),
    ("trade/cancel", &["1.0"]),
    ("credit_bind/query", &["1.0"]),
    ("credit_bind/cancel", &["1.0"]),
    ("async", &["1.0"]),
    ("cancel_cvs", &["1.0"]),
    ("trade/common/confirm/aftee", &["1.0"]),
    ("trade/common/refund/icash", &["1.0"]),
    ("trade/common/refund/aftee", &["1.0"]),
    ("trade/common/refund/linepay", &["1.0"]),
    ("trade/common/refund/jkopay", &["1.0"]),
    ("trade/offline/refund", &["1.0"]),
    ("trade/offline/cancel_refund", &["1.0"]),
    ("offline_payment/refund", &["1.0"]),
    ("trade/withdraw_query", &["1.0"]),
    ("trade/grant_query", &[]),
    ("iframe/token_get", &["3.0", "2.0"]),
    ("iframe/merchant_trade", &["1.0"]),
    ("period/Page", &["1.0"]),
    ("period", &["1.0"]),
    ("period/mdfStatus", &["1.0"]),
    ("period/Modify", &["1.0"]),
    ("period/query", &["1.0"]),
    ("period/exchange", &["1.0"]),
    ("coupon/chk_use", &["1.0"]),
    ("coupon_pay", &["1.0"]),
    ("logistics/trade", &["1.3"]),
    ("logistics/ship_map", &["1.1"]),
    ("logistics/print_label", &["1.0"]),
    ("logistics/query", &["1.1"]),
    ("logistics/update", &["1.1"]),
    ("logistics/refund", &["1.0"]),
    ("logistics/c2c_to_home_delivery", &["1.0"]),
    ("home_delivery/trade", &["1.2"]),
    ("home_delivery/get_obt_number_pdf", &["1.0"]),
    ("home_delivery/download_pdf", &["1.0"]),
    ("home_delivery/call_cat", &["1.0"]),
    ("home_delivery/refund", &["1.0"]),
];

/// PAYUNi does not publish how long a `Timestamp` is good for; beyond this the doctor mentions it, in seconds.
pub const WINDOW_S: i64 = 600;
/// Taipei is eight hours ahead of UTC.
const TAIPEI_S: i64 = 8 * 3_600;
const LIVE_HOST: &str = "api.payuni.com.tw";
const TEST_HOST: &str = "sandbox-api.payuni.com.tw";

/// What is wrong with the time of a request.
pub(crate) fn timestamp(inner: &Inner, now: Option<Timestamp>) -> Option<Finding> {
    let sent = inner.get("Timestamp")?;
    let about = |id| Finding::certain(id).with("found", payuni::mask::name(sent));
    let Some(number) = sent
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| sent.parse::<i64>().ok())
        .flatten()
    else {
        return Some(about(Id::TimestampFormat));
    };
    match sent.len() {
        13 => return Some(about(Id::TimestampMilliseconds)),
        ..=10 => {}
        _ => return Some(about(Id::TimestampFormat)),
    }
    let off = number.checked_sub(now?.as_second())?;
    let near = |hours: i64| (off - hours).abs() <= WINDOW_S;
    let likely = |id, seconds: i64| {
        let seconds = usize::try_from(seconds.abs()).unwrap_or(usize::MAX);
        Finding::likely(id).with("minutes", seconds / 60)
    };
    if near(0) {
        None
    } else if near(TAIPEI_S) || near(-TAIPEI_S) {
        Some(likely(Id::TimestampLocalTime, off))
    } else {
        Some(likely(Id::TimestampOutsideWindow, off))
    }
}

/// Where a request was sent, taken apart.
struct Target<'a> {
    scheme: Option<&'a str>,
    host: Option<&'a str>,
    /// After `/api/`, or as given where only a path was.
    path: &'a str,
    doubled: bool,
    api: bool,
}

impl<'a> Target<'a> {
    fn parse(given: &'a str) -> Self {
        let (scheme, rest) = match given.split_once("://") {
            Some((scheme, rest)) => (Some(scheme), rest),
            None => (None, given),
        };
        let (host, path) = if scheme.is_some() {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            (Some(host), path)
        } else {
            (None, rest.trim_start_matches('/'))
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let (api, path) = match path.strip_prefix("api/") {
            Some(path) => (true, path),
            None => (false, path),
        };
        let (doubled, path) = match path.strip_prefix("api/") {
            Some(path) => (true, path),
            None => (false, path),
        };
        Self {
            scheme,
            host,
            path,
            doubled,
            api,
        }
    }
}

fn environment(host: &str) -> Term {
    match host.split(':').next().unwrap_or_default() {
        LIVE_HOST => Term::LiveHost,
        TEST_HOST => Term::TestHost,
        _ => Term::OtherHost,
    }
}

/// What is wrong with where a request was sent. `base` is the API's address in the settings.
pub(crate) fn path(inner: &Inner, given: &str, base: Option<&str>) -> Vec<Finding> {
    let target = Target::parse(given.trim());
    let wrong = |what: Term, expected: &str| {
        Finding::certain(Id::WrongPath)
            .with("found", payuni::mask::name(target.path))
            .with("what", what)
            .with("expected", expected)
    };
    let mut findings = host(&target, base);
    if target.doubled {
        findings.push(wrong(Term::DoubledApi, target.path));
        return findings;
    }
    if target.host.is_some() && !target.api {
        findings.push(wrong(Term::NoApi, target.path));
        return findings;
    }
    if !ENDPOINTS.iter().any(|(known, _)| *known == target.path) {
        findings.push(wrong(Term::UnknownPath, nearest(target.path)));
        return findings;
    }
    if let Some(fitting) = fitting(inner)
        && !fitting.contains(&target.path)
        && target.path != "async"
    {
        findings.push(wrong(Term::ContentsDiffer, fitting[0]));
    }
    findings
}

fn host(target: &Target<'_>, base: Option<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(host) = target.host else {
        return findings;
    };
    let payunis = host == "payuni.com.tw" || host.ends_with(".payuni.com.tw");
    let known = environment(host);
    if payunis && known == Term::OtherHost {
        findings.push(
            Finding::certain(Id::WrongHost)
                .with("found", Term::NotTheApi)
                .with("expected", format!("https://{TEST_HOST}/api/")),
        );
    } else if payunis && target.scheme != Some("https") {
        findings.push(
            Finding::certain(Id::WrongHost)
                .with("found", Term::PlainHttp)
                .with("expected", format!("https://{host}/api/")),
        );
    } else if let Some(base) = base
        && let Some(set) = Target::parse(base).host
        && set != host
    {
        findings.push(
            Finding::certain(Id::WrongHost)
                .with("found", known)
                .with("expected", base),
        );
    }
    findings
}

/// The interfaces that a request with these fields can be meant for; nothing where its fields do not tell.
fn fitting(inner: &Inner) -> Option<&'static [&'static str]> {
    let has = |name| inner.has(name);
    if has("CloseType") {
        Some(&["trade/close"])
    } else if has("QueryNo") {
        Some(&["trade/finite_query"])
    } else if has("ProdDesc") && has("TradeAmt") && has("MerTradeNo") {
        Some(&[
            "upp",
            "credit",
            "atm",
            "cvs",
            "linepay",
            "aftee_direct",
            "jkopay",
            "iframe/token_get",
            "iframe/merchant_trade",
            "coupon_pay",
            "logistics/trade",
            "home_delivery/trade",
        ])
    } else if (has("TradeNo") || has("MerTradeNo")) && inner.pairs.len() == 3 && has("Timestamp") {
        Some(&[
            "trade/query",
            "trade/cancel",
            "trade/common/confirm/aftee",
            "trade/offline/cancel_refund",
            "logistics/query",
            "logistics/refund",
            "home_delivery/refund",
        ])
    } else {
        None
    }
}

/// The known path that differs least, by its letters.
fn nearest(path: &str) -> &'static str {
    let path = path.trim_end_matches('/');
    let common = |known: &str| {
        let same = |(a, b): &(char, char)| a.eq_ignore_ascii_case(b);
        let same = known.chars().zip(path.chars()).take_while(same).count();
        (same, usize::MAX - known.len().abs_diff(path.len()))
    };
    let paths = ENDPOINTS.iter().map(|(known, _)| *known);
    paths.max_by_key(|known| common(known)).unwrap_or("upp")
}

/// What is wrong with the version of a request.
pub(crate) fn version(version: &str, path: Option<&str>) -> Option<Finding> {
    let path = path.map(|path| Target::parse(path.trim()).path);
    let known = path.and_then(|path| ENDPOINTS.iter().find(|(known, _)| *known == path));
    let allowed: Vec<&str> = match known {
        Some((_, [])) => return None,
        Some((_, versions)) => versions.to_vec(),
        None => {
            let mut all: Vec<&str> = ENDPOINTS.iter().flat_map(|(_, v)| *v).copied().collect();
            all.sort_unstable();
            all.dedup();
            all
        }
    };
    (!allowed.contains(&version)).then(|| {
        Finding::likely(Id::WrongVersion)
            .with("found", payuni::mask::name(version))
            .with("expected", allowed.join(" / "))
    })
}
