//! The hosted page (UPP): the way in, the steps, the result that the browser takes back to the shop.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use url::Url;

use crate::api::{self, Call, Early, Endpoint};
use crate::books::{Page, Stage};
use crate::card::CardInput;
use crate::clock::{stamp, wall};
use crate::fields::Fields;
use crate::page_view::{
    Notice, OrderView, Pay, Result as ResultPage, ReturnForm, Step, method_label,
};
use crate::pay::{self, Choice, Trouble};
use crate::quick::QUICK;
use crate::settings::{Merchant, Method};
use crate::switches::UppInvalid;
use crate::upp::{self, Refusal};
use crate::world::World;

/// A page with HTML, its headers and what it may post to.
pub(crate) fn html(
    status: StatusCode,
    template: &impl Template,
    return_url: Option<&str>,
) -> Response {
    let origin = return_url
        .and_then(|url| Url::parse(url).ok())
        .map(|url| url.origin().ascii_serialization());
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {}",
        origin.unwrap_or_default()
    );
    let Ok(text) = template.render() else {
        return bare(
            StatusCode::INTERNAL_SERVER_ERROR,
            "500 Internal Server Error",
        );
    };
    let mut response = (status, Html(text)).into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(policy.trim_end()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("origin"));
    response
}

/// A page as plain as those of a web server.
pub(crate) fn bare(status: StatusCode, text: &str) -> Response {
    (
        status,
        Html(format!(
            "<!doctype html><meta charset=\"utf-8\"><title>{text}</title><h1>{text}</h1>"
        )),
    )
        .into_response()
}

/// What an unknown path answers: a page, not JSON.
pub(crate) fn not_found() -> Response {
    bare(StatusCode::NOT_FOUND, "404 Not Found")
}

/// Why an order's page did not open.
pub(crate) enum Closed {
    /// The envelope is not good.
    Early(Early),
    /// The order is not good.
    Refused { call: Call, refusal: Refusal },
}

/// Opens the page for a sealed order; answers its token.
pub(crate) fn accept(world: &World, headers: &HeaderMap, outer: &Fields) -> Result<String, Closed> {
    let target = "/api/upp";
    let opened =
        api::agent(world, headers, outer).and_then(|()| api::open(world, Endpoint::Upp, outer));
    let call = match opened {
        Ok(call) => call,
        Err(early) => {
            api::log(
                world,
                target,
                &Fields::new(),
                outer,
                serde_json::Value::Null,
                early.code.clone(),
            );
            return Err(Closed::Early(early));
        }
    };
    let opened = world.work(|desk, now| {
        if call.inner.get("MerID") != Some(&call.merchant.mer_id) {
            return upp::refuse("UPP02111", "商店代號比對異常");
        }
        let order = upp::read(
            &call.inner,
            &call.version,
            &call.merchant,
            &desk.books,
            wall(),
            now,
        )?;
        let token = desk.token();
        desk.books.open_page(token.clone(), order, now);
        Ok(token)
    });
    let status = opened
        .as_ref()
        .map_or_else(|r| r.code.clone(), |_| "開啟付款頁".to_owned());
    api::log(
        world,
        target,
        &call.inner,
        outer,
        serde_json::Value::Null,
        status,
    );
    opened.map_err(|refusal| Closed::Refused { call, refusal })
}

/// `POST /api/upp` from the buyer's browser.
pub(crate) fn enter(world: &World, headers: &HeaderMap, outer: &Fields) -> Response {
    match accept(world, headers, outer) {
        Ok(token) => Redirect::to(&format!("/upp/{token}")).into_response(),
        Err(Closed::Early(early)) => {
            let page = Notice::error(&early.code, "訂單資料無法讀取", hint(&early.code), None);
            html(StatusCode::OK, &page, None)
        }
        Err(Closed::Refused { call, refusal }) => {
            let mode = world.look(|desk, _| desk.books.switches.upp_invalid);
            let back = upp::return_address(&call.inner).filter(|_| mode == UppInvalid::Return);
            let form = back.map(|url| {
                let mer_id = &call.merchant.mer_id;
                let inner = upp::refused(&refusal, mer_id, call.inner.get("MerTradeNo"));
                let fields =
                    upp::sealed_refusal(&call.merchant.keys, mer_id, &call.version, &inner);
                ReturnForm {
                    url,
                    fields: fields.0,
                }
            });
            let url = form.as_ref().map(|f| f.url.clone());
            let page = Notice::error(&refusal.code, &refusal.message, hint(&refusal.code), form);
            html(StatusCode::OK, &page, url.as_deref())
        }
    }
}

fn hint(code: &str) -> &'static str {
    match code {
        "API00002" => "外層缺少 Version。",
        "API00003" => "此 API 沒有這個版本；UPP 接受 1.0 與 2.0。",
        "API00004" => "外層缺少 EncryptInfo。",
        "API00005" => "外層缺少 HashInfo。",
        "API00010" => "EncryptInfo 須為十六進位字串。",
        "API00011" => "HashInfo 須為 64 碼大寫十六進位字串。",
        "DEF01001" => "外層缺少 MerID。",
        "DEF01005" => "查無此商店；請確認 MerID 與環境（測試/正式）一致。",
        "DEF01007" | "UPP01003" => {
            "HashInfo 不符：應為 SHA256(HashKey + EncryptInfo + HashIV)，轉大寫。"
        }
        "DEF01002" | "UPP01004" => {
            "EncryptInfo 解密失敗：應為 AES-256-GCM，nonce 為 16 位元組的 HashIV。"
        }
        "UPP01007" => "商店訂單編號已使用過，重新付款請換新編號。",
        "UPP02111" => "內外層的 MerID 不同。",
        _ => "",
    }
}

/// `GET /upp/{token}`: the page at its step.
pub(crate) async fn show(State(world): State<Arc<World>>, Path(token): Path<String>) -> Response {
    render(&world, &token, None)
}

fn render(world: &World, token: &str, error: Option<&'static str>) -> Response {
    let found = world.look(|desk, now| {
        let page = desk.books.pages.get(token)?.clone();
        let seconds = desk
            .books
            .clock
            .wait_for(wall(), page.order.page_ends)
            .map(|ms| ms / 1000 + 1);
        Some((page, now, seconds))
    });
    let Some((page, now, seconds)) = found else {
        return unknown();
    };
    let Some(merchant) = world.merchant(&page.order.mer_id) else {
        return unknown();
    };
    let status = if error.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let open = now < page.order.page_ends;
    match &page.stage {
        Stage::Done {
            trade_no,
            back,
            lost,
        } => done(world, &merchant, &page, (trade_no, *back, *lost), now),
        _ if !open => html(
            StatusCode::GONE,
            &Notice::expired(page.order.back_url.clone()),
            None,
        ),
        Stage::Choosing => html(
            status,
            &Pay::of(&page, &merchant, token, error, now, seconds),
            None,
        ),
        Stage::ThreeD { card, .. } => {
            let text = format!(
                "發卡銀行需要確認是您本人使用卡號末四碼 {} 的信用卡。",
                card.four
            );
            html(
                status,
                &Step::of(&page, &merchant, token, true, "3D 驗證", text, now, seconds),
                None,
            )
        }
        Stage::Wallet(method) => {
            let name = method_label(*method);
            let text = format!("請在 {name} 確認此筆付款（沙盒模擬，不會扣款）。");
            html(
                status,
                &Step::of(&page, &merchant, token, false, name, text, now, seconds),
                None,
            )
        }
    }
}

fn unknown() -> Response {
    html(
        StatusCode::NOT_FOUND,
        &Notice::plain("找不到付款頁", "此付款頁不存在，或沙盒已重設。"),
        None,
    )
}

fn done(
    world: &World,
    merchant: &Merchant,
    page: &Page,
    (trade_no, back, lost): (&str, Option<u64>, bool),
    now: i64,
) -> Response {
    if lost {
        return bare(StatusCode::GATEWAY_TIMEOUT, "504 Gateway Time-out");
    }
    let (trade, message) = world.look(|desk, _| {
        let message = desk
            .books
            .messages
            .iter()
            .find(|m| Some(m.id) == back)
            .cloned();
        (desk.books.trades.get(trade_no).cloned(), message)
    });
    let Some(trade) = trade else { return unknown() };
    let form = message.map(|m| ReturnForm {
        url: m.url,
        fields: m.outer.0,
    });
    let url = form.as_ref().map(|f| f.url.clone());
    html(
        StatusCode::OK,
        &ResultPage::of(OrderView::of(page, merchant, now, None), &trade, form),
        url.as_deref(),
    )
}

/// `POST /upp/{token}/pay`: the buyer's choice.
pub(crate) async fn pay(
    State(world): State<Arc<World>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let form = match api::read_form(request).await {
        Ok(form) => form,
        Err(status) => return bare(status, "請求內容無法讀取"),
    };
    let Some(choice) = choice(&form) else {
        return render(&world, &token, Some("請選擇付款方式。"));
    };
    if form.given("mail").is_some_and(|mail| !upp::is_mail(mail)) {
        return render(&world, &token, Some("電子信箱格式不正確。"));
    }
    after(&world, &token, act(&world, &token, choice))
}

/// Carries out a choice on an open page.
pub(crate) fn act(world: &World, token: &str, choice: Choice) -> Result<(), Trouble> {
    let merchant = merchant_of(world, token).ok_or(Trouble::Unknown)?;
    world.work(|desk, now| pay::choose(desk, &merchant, token, choice, now))
}

/// Whose page it is.
pub(crate) fn merchant_of(world: &World, token: &str) -> Option<Arc<Merchant>> {
    let mer_id =
        world.look(|desk, _| desk.books.pages.get(token).map(|p| p.order.mer_id.clone()))?;
    world.merchant(&mer_id)
}

fn choice(form: &Fields) -> Option<Choice> {
    if let Some(key) = form.given("quick") {
        let quick = QUICK.iter().find(|q| q.key == key)?;
        return Some(quick.choice());
    }
    let method: Method = serde_json::from_value(form.given("method")?.into()).ok()?;
    Some(match method {
        Method::Credit | Method::CreditInst | Method::CreditUnionPay => {
            let text = |name: &str| form.get(name).unwrap_or_default().trim().to_owned();
            let input = CardInput {
                number: text("card_number"),
                expiry: text("expiry"),
                cvc: text("cvc"),
            };
            Choice::Card {
                input,
                method,
                terms: text("terms").parse().unwrap_or(1),
            }
        }
        Method::Atm => Choice::Atm {
            bank: form.get("bank").unwrap_or_default().to_owned(),
        },
        Method::Cvs => Choice::Cvs,
        Method::LinePay | Method::ICash | Method::Aftee | Method::JKoPay => Choice::Wallet(method),
    })
}

fn after(world: &World, token: &str, result: Result<(), Trouble>) -> Response {
    match result {
        Err(Trouble::Input(why)) => render(world, token, Some(why)),
        Err(Trouble::Unknown) => unknown(),
        Ok(()) | Err(Trouble::Expired | Trouble::Elsewhere) => {
            Redirect::to(&format!("/upp/{token}")).into_response()
        }
    }
}

/// `POST /upp/{token}/3d`: the issuer's answer.
pub(crate) async fn three_d(
    State(world): State<Arc<World>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let Some(merchant) = merchant_of(&world, &token) else {
        return unknown();
    };
    let Ok(form) = api::read_form(request).await else {
        return bare(StatusCode::BAD_REQUEST, "請求內容無法讀取");
    };
    let passed = form.get("result") == Some("ok");
    after(
        &world,
        &token,
        world.work(|desk, now| pay::three_d(desk, &merchant, &token, passed, now)),
    )
}

/// `POST /upp/{token}/wallet`: the wallet's answer.
pub(crate) async fn wallet(
    State(world): State<Arc<World>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let Some(merchant) = merchant_of(&world, &token) else {
        return unknown();
    };
    let Ok(form) = api::read_form(request).await else {
        return bare(StatusCode::BAD_REQUEST, "請求內容無法讀取");
    };
    let paid = form.get("result") == Some("ok");
    after(
        &world,
        &token,
        world.work(|desk, now| pay::wallet(desk, &merchant, &token, paid, now)),
    )
}

/// `YYYY-MM-DD HH:MM` of a deadline.
pub(crate) fn minute(ms: i64) -> String {
    let text = stamp(ms);
    text.get(..16).unwrap_or(&text).to_owned()
}
