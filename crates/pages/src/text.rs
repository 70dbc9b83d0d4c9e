//! Every sentence people read, in two languages, as a typed struct.

use std::sync::LazyLock;

use serde::Deserialize;

/// A language the pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Traditional Chinese as used in Taiwan; the default.
    #[default]
    ZhTw,
    /// English.
    En,
}

impl Lang {
    /// Both languages, the default first.
    pub const ALL: [Self; 2] = [Self::ZhTw, Self::En];

    /// Returns the language of a BCP 47 tag such as `en-GB` or `zh-Hant`; none of ours gives `None`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::ZhTw)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }

    /// The BCP 47 tag, as in the page's `lang` attribute and in `?lang=`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::ZhTw => "zh-TW",
            Self::En => "en",
        }
    }

    /// The language that the switch leads to.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::ZhTw => Self::En,
            Self::En => Self::ZhTw,
        }
    }
}

/// Declares the sections once: a key that a language file lacks, or has too many, does not parse.
macro_rules! sections {
    ($($(#[$doc:meta])* $section:ident: $Type:ident { $($key:ident,)* })*) => {
        /// All texts of one language.
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Text {
            $($(#[$doc])* pub $section: $Type,)*
        }
        $(
            $(#[$doc])*
            #[derive(Debug, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $Type {
                $(#[doc = concat!("The text `", stringify!($section), ".", stringify!($key), "`.")]
                pub $key: String,)*
            }
        )*
    };
}

sections! {
    /// Header and language switch.
    nav: NavText {
        skip, main, my_orders, sign_in, sign_out, admin, switch, switch_label, signed_in_as,
    }
    /// The banner of the demo.
    sandbox: SandboxText {
        title, body, portal, sheet, learn, lab, pay_hint, card_hint,
    }
    /// Footer of every page.
    footer: FooterText {
        label, contact, phone, hours, address, tax_id, terms, privacy, refund, delivery, secure,
    }
    /// The shop window.
    storefront: StorefrontText {
        products, count, methods, quantity_of, buy, buy_label, sign_in_to_buy, sold_out,
        low, empty_title, empty_body, stale,     }
    /// The page that leaves for the gateway.
    handover: HandoverText {
        title, lead, body, slow, button, busy, order_no, amount, secure, leave,
    }
    /// An order's page.
    order: OrderText {
        title, heading, placed, buyer, items, item, quantity, unit_price, subtotal, total,
        refunded, progress, attempts, attempt_n, attempt_no, card, refresh, live, updated_at, pay,
        pay_again, pay_again_title, pay_again_body, pay_body, change_method, change_method_body, cancel, cancel_body,
        receipt, back, contact_us, copy, copied,
    }
    /// The flow explorer.
    flow: FlowText {
        see, order_written, parked, title, heading, lead, lead_engineer, owner_view, engineer_view, views, back, empty_title,
        empty_body, off, browser, shop, payuni, google, good_way, there, missing, waits, times,
        lost_notice, k_sign_in, k_placed, k_hand_over, k_notice, k_return, k_query, k_refund,
        k_delivery, k_sheet, s_sign_in, s_placed, s_hand_over, s_notice, s_return, s_query,
        s_refund, s_delivery, s_sheet, says_issued, says_paid, says_failed, says_voided,
        says_lapsed, says_confirming, says_unpaid, says_other, says_nothing, says_done,
        says_shut, who, w_sign_in, w_placed, w_hand_over, w_notice, w_return, w_query, w_refund,
        w_delivery, w_sheet, lines, l1, l2, l3, l4, l5, believed, refused, no_answer,
        committed, fact, edge, took, no_change, layer_body, layer_answer, layer_text,
        layer_cipher, layer_fields, layer_claims, layer_cells, cipher_bytes, tag, hash, tag_fits,
        holds, broken, code, curl, copy_curl, link, print, from_to,
    }
    /// A payment number at a bank or store.
    number: NumberText {
        atm_title, cvs_title, bank, account, store, code, amount, deadline, atm_how, cvs_how,
    }
    /// The order's timeline.
    step: StepText {
        placed, placed_detail, number_issued, number_detail, payment, payment_wait,
        payment_wait_transfer, payment_confirming, payment_done, check, check_wait, check_now,
        check_done, fulfilled, fulfilled_wait, fulfilled_done, review, review_detail, expired,
        expired_detail, cancelled, cancelled_detail, partially_refunded, refunded, refund_detail,
        state_done, state_current, state_awaited, state_stopped,
    }
    /// What a buyer reads of a status.
    status: StatusText {
        pending, pending_explain, awaiting_transfer, awaiting_transfer_explain, confirming,
        confirming_explain, paid, paid_explain, fulfilled, fulfilled_explain, review,
        review_explain, partially_refunded, partially_refunded_explain, refunded, refunded_explain,
        expired, expired_explain, cancelled, cancelled_explain,
    }
    /// Outcomes of an attempt.
    attempt: AttemptText {
        started, number_issued, succeeded, failed, expired, voided,
    }
    /// Ways to pay.
    method: MethodText {
        card, atm, cvs, line_pay, jko_pay, icash_pay, aftee, unknown,
    }
    /// My orders.
    orders: OrdersText {
        title, empty_title, empty_body, shop, newer, older, more_items,
    }
    /// The receipt.
    receipt: ReceiptText {
        title, heading, seller, buyer, paid_at, method, trade_no, refunded, net, print, note, back,
    }
    /// What went wrong at sign-in.
    sign_in: SignInText {
        title, cancelled_title, cancelled_what, cancelled_next, expired_what, expired_next, rejected_what,
        rejected_next, unavailable_what, unavailable_next, email_unverified_what,
        email_unverified_next, retry,
    }
    /// Pages that say what happened and what to do.
    message: MessageText {
        request_id, next, home, bad_request, bad_request_what, bad_request_next, sign_in_needed,
        sign_in_needed_what, sign_in_needed_next, forbidden, forbidden_what, forbidden_next,
        form_expired, form_expired_what, form_expired_next, bot_check, bot_check_what,
        bot_check_next, not_found, not_found_what, not_found_next, method_not_allowed,
        method_not_allowed_what, method_not_allowed_next, conflict, conflict_what, conflict_next,
        sold_out, sold_out_what, sold_out_next, too_large, too_large_what, too_large_next,
        unprocessable, unprocessable_what, unprocessable_next, too_many, too_many_what,
        too_many_next, internal, internal_what, internal_next, unavailable, unavailable_what,
        unavailable_next,
    }
    /// Titles of the terms, privacy and refund pages.
    prose: ProseText {
        terms, privacy, refund, delivery,
    }
    /// Why something waits for a person.
    review: ReviewText {
        sheet, products, merchant, unknown_order, amount, currency, mis_posted, unknown_value,
        contradiction, trade_of_another, surplus, late, refund_reversed, other_notice,
    }
    /// What a case means and what may be done about it.
    case: CaseText {
        title, back, waiting, closed, said, code, subject, amount_said, amount_ours, detail, order, means, what_now,
        to_order, to_refund, decide, decide_body, reason, reason_hint, close, decided_by, decided_at, decided_why,
        merchant, merchant_next, unknown_order, unknown_order_next, amount, amount_next, currency,
        currency_next, mis_posted, mis_posted_next, unknown_value, unknown_value_next, contradiction, contradiction_next,
        trade_of_another, trade_of_another_next, surplus, surplus_next, late, late_next,
        refund_reversed, refund_reversed_next, other_notice, other_notice_next, unknown, unknown_next,
    }
    /// Refunds in the back office.
    desk: DeskText {
        refunds, refunds_empty, refund_title, no_payments, paid, left, nothing_left, amount, amount_hint, reason,
        reason_buyer, reason_out_of_stock, reason_paid_twice, reason_other, note, note_hint, refund_button, by_hand_button,
        way_card, way_line_pay, way_gateway, way_by_hand, two_persons, requested_by, approved_by, changed, why,
        word, refund_no, approve, reject, withdraw, reject_reason, reject_button, withdraw_button, transferred,
        transferred_body, own, resolve, resolve_body, resolve_yes, resolve_no, resolve_reason,
        resolve_button, fresh_title, fresh_body, fresh_button, trail, trail_note, trail_empty, act_refund,
        act_decided, act_cancelled, cancel_title, cancel, cancel_body, cancel_reason, cancel_button, act_refused,
        actor_shop, who, action, open_refunds, open_refunds_empty, decided_title,
    }
    /// Where a refund stands.
    refund_state: RefundStateText {
        requested, requested_explain, rejected, rejected_explain, reserved, reserved_explain, to_transfer,
        to_transfer_explain, sent, sent_explain, in_doubt, in_doubt_explain, done, done_explain, transferred,
        transferred_explain, refused, refused_explain, reversed, reversed_explain,
    }
    /// Why an act of the back office was not carried out.
    trouble: TroubleText {
        sign_in_again, bad_amount, too_much, whole_only, too_late, no_payment, no_reason, long_reason, gateway_silent,
        under_way, nothing_there, same_person, moved,
    }
    /// The back office.
    admin: AdminText {
        title, orders, all, search, search_button, order_no, status, amount, member, method,
        created, paid, none, empty, review_title, review_empty, review_received, order_title, back, facts, facts_note, facts_empty, seq,
        recorded, fact, source, summary, attempts, attempts_empty, trade_no, newer, older,
    }
}

static ZH_TW: LazyLock<Text> = LazyLock::new(|| embedded(include_str!("../text/zh-TW.toml")));
static EN: LazyLock<Text> = LazyLock::new(|| embedded(include_str!("../text/en.toml")));

/// Parses a text file of our own; a test opens both, so it cannot fail in a program that was tested.
fn embedded(source: &str) -> Text {
    toml::from_str(source).expect("the embedded texts have every key")
}

impl Text {
    /// Returns the texts of a language.
    #[must_use]
    pub fn get(lang: Lang) -> &'static Self {
        match lang {
            Lang::ZhTw => &ZH_TW,
            Lang::En => &EN,
        }
    }
}

/// Fills `{name}` places of a text in one pass; a value is never looked into for further places.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        let Some(close) = from.find('}') else {
            rest = from;
            break;
        };
        let name = &from[1..close];
        match values.iter().find(|(key, _)| *key == name) {
            Some((_, value)) => out.push_str(value),
            None => out.push_str(&from[..=close]),
        }
        rest = &from[close + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_have_exactly_the_same_keys_and_no_empty_text() {
        let read = |source: &str| -> Vec<(String, Vec<String>)> {
            let table: toml::Table = source.parse().unwrap();
            table
                .into_iter()
                .map(|(section, keys)| {
                    let keys = keys.as_table().unwrap();
                    for (key, text) in keys {
                        assert!(!text.as_str().unwrap().trim().is_empty(), "{section}.{key}");
                    }
                    (section, keys.keys().cloned().collect())
                })
                .collect()
        };
        let zh = read(include_str!("../text/zh-TW.toml"));
        assert_eq!(zh, read(include_str!("../text/en.toml")));
        assert_eq!(Text::get(Lang::ZhTw).nav.sign_out, "登出");
        assert_eq!(Text::get(Lang::En).nav.sign_out, "Sign out");
    }

    #[test]
    fn every_text_is_shown_somewhere() {
        let mut shown = String::new();
        for folder in ["templates", "src", "src/admin", "src/flow"] {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                if path.is_file() && !path.ends_with("text.rs") {
                    shown.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        let table: toml::Table = include_str!("../text/en.toml").parse().unwrap();
        for (section, keys) in table {
            for key in keys.as_table().unwrap().keys() {
                // Where a file reads many of one section, it calls the section by its first letter.
                let used = [&section, &section[..1]].into_iter().any(|name| {
                    let place = format!("{name}.{key}");
                    shown.match_indices(&place).any(|(at, _)| {
                        let next = shown[at + place.len()..].chars().next();
                        !next.is_some_and(|c| c.is_alphanumeric() || c == '_')
                    })
                });
                assert!(used, "{section}.{key} is on no page");
            }
        }
    }

    #[test]
    fn a_translation_has_the_same_places_to_fill() {
        let places = |source: &str| -> Vec<(String, Vec<String>)> {
            let table: toml::Table = source.parse().unwrap();
            let mut out = Vec::new();
            for (section, keys) in table {
                for (key, text) in keys.as_table().unwrap() {
                    let mut names: Vec<String> = text
                        .as_str()
                        .unwrap()
                        .split('{')
                        .skip(1)
                        .filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned()))
                        .collect();
                    names.sort();
                    out.push((format!("{section}.{key}"), names));
                }
            }
            out
        };
        assert_eq!(
            places(include_str!("../text/zh-TW.toml")),
            places(include_str!("../text/en.toml"))
        );
    }

    #[test]
    fn a_filled_value_is_not_filled_again() {
        assert_eq!(fill("{a}-{b}-{c", &[("a", "{b}"), ("b", "2")]), "{b}-2-{c");
        assert_eq!(fill("{who} {x}", &[("x", "1")]), "{who} 1");
    }

    #[test]
    fn tags_are_read_leniently_and_written_strictly() {
        assert_eq!(Lang::from_tag("en-GB"), Some(Lang::En));
        assert_eq!(Lang::from_tag(" ZH-Hant-TW"), Some(Lang::ZhTw));
        assert_eq!(Lang::from_tag("fr"), None);
        assert_eq!(Lang::from_tag(""), None);
        assert_eq!(Lang::ZhTw.tag(), "zh-TW");
        assert_eq!(Lang::En.other(), Lang::ZhTw);
    }
}
