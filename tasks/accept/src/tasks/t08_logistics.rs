//! Task 8: a logistics service is told of what is paid and confirmed: at least once, under one key, and in nobody's way.

use crate::{
    Stage,
    judge::{Judge, Seen},
    parcels::{Mood, Parcels},
    setup::Setup,
    shopper::Shopper,
    town::Town,
    wait::until_within,
};
use anyhow::{Context, Result};
use std::time::Duration;

/// How soon a parcel is asked for, and asked for again after the first no.
const SOON: Duration = Duration::from_secs(15);
/// How soon all is well after the service is. A few failures have made the waits longer.
const LATER: Duration = Duration::from_secs(60);

/// The hints of the task's page.
const SEAM: u8 = 1;
const KEY: u8 = 2;
const FAILING: u8 = 3;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let plain = Town::open(stage, Setup::demo()).await?;
    let no = plain.sells(&plain.person("buyer1").await?, "tea").await?;
    judge.kept(
        "沒有設定 LOGISTICS_URL 的商店照樣賣，只交付一次",
        SEAM,
        &Seen::equal(&plain.deliveries(&no)?, &1),
    );
    drop(plain);
    let parcels = Parcels::open(Mood::Down).await?;
    let setup = Setup::demo().env("LOGISTICS_URL", &parcels.url());
    let town = Town::open(stage, setup).await?;
    let buyer = town.person("buyer1").await?;
    let unpaid = not_to_be_sent(&buyer).await?;
    let first = while_down(&town, &parcels, judge, &buyer).await?;
    let second = while_silent(&town, &parcels, judge, &buyer).await?;
    parcels.is(Mood::Well);
    for no in [&first, &second] {
        ends_well(&town, &parcels, judge, no).await?;
    }
    answer_lost(&town, &parcels, judge, &buyer).await?;
    let sent = unpaid
        .iter()
        .filter(|no| !parcels.asked(no).is_empty())
        .count();
    judge.kept(
        "沒付款、付款失敗、取消的訂單都不出貨",
        SEAM,
        &Seen::equal(&sent, &0),
    );
    town.audited(judge).await?;
    Ok(())
}

/// Orders of which nothing may ever be sent: not paid, declined, cancelled.
async fn not_to_be_sent(buyer: &Shopper) -> Result<Vec<String>> {
    let open = buyer.checks_out("tea", 1).await?;
    let declined = buyer.checks_out("tea", 1).await?;
    buyer.pays(&declined, "card_decline").await?;
    let cancelled = buyer.checks_out("tea", 1).await?;
    let page = format!("/orders/{}", cancelled.order_no);
    let shown = buyer.opens(&page).await?;
    let form = crate::page::form_to(&shown.body, &format!("{page}/cancel"));
    let form = form.context("the order's page has no form to cancel")?;
    buyer.posts(&format!("{page}/cancel"), &form).await?;
    Ok([open, declined, cancelled]
        .map(|sealed| sealed.order_no)
        .into())
}

/// The service says no: it is asked again, and the order waits as paid.
async fn while_down(
    town: &Town,
    parcels: &Parcels,
    judge: &mut Judge,
    buyer: &Shopper,
) -> Result<String> {
    let sealed = buyer.checks_out("tea", 2).await?;
    let no = sealed.order_no.clone();
    buyer.pays(&sealed, "card").await?;
    until_within(SOON, async || Ok(parcels.asked(&no).len() >= 2)).await?;
    let asked = parcels.asked(&no);
    let seen = Seen::that(!asked.is_empty(), "至少一次", format!("{} 次", asked.len()));
    let told = judge.goal("付款確認後，物流收到這張訂單", SEAM, &seen);
    let seen = Seen::that(
        asked.len() >= 2,
        format!("{SOON:?} 內至少兩次"),
        format!("{} 次", asked.len()),
    );
    judge.goal("物流回 503，商店會再來", FAILING, &seen);
    judge.goal(
        "物流還沒收下，訂單停在已付款",
        FAILING,
        &Seen::equal(&town.status(&no)?, &"paid"),
    );
    if let Some(first) = asked.first().filter(|_| told) {
        let line = &first.parcel["lines"][0];
        let seen = format!("{} ×{}", line["product_id"], line["quantity"]);
        judge.goal("內容有商品與數量", SEAM, &Seen::equal(&seen, &"\"tea\" ×2"));
        let text = first.parcel.to_string();
        judge.goal(
            "沒有買家的信箱",
            SEAM,
            &Seen::lacks(&text, "mei@buyer.example"),
        );
    }
    Ok(no)
}

/// The service hears and never answers: everything else goes on.
async fn while_silent(
    town: &Town,
    parcels: &Parcels,
    judge: &mut Judge,
    buyer: &Shopper,
) -> Result<String> {
    parcels.is(Mood::Silent);
    let sealed = buyer.checks_out("cup", 1).await?;
    let no = sealed.order_no.clone();
    buyer.pays(&sealed, "card").await?;
    let paid = |status: &str| ["paid", "fulfilled"].contains(&status);
    until_within(SOON, async || Ok(paid(&town.status(&no)?))).await?;
    let status = town.status(&no)?;
    let seen = Seen::that(paid(&status), "paid 或 fulfilled", &status);
    judge.kept("物流不回話的時候，付款照樣記下", FAILING, &seen);
    let shown = |status: &str| ["已付款", "已完成"].contains(&status);
    let cell = town.cell_holds("訂單", &no, "狀態", shown).await?;
    let cell = cell.unwrap_or_default();
    let seen = Seen::that(shown(&cell), "已付款 或 已完成", &cell);
    judge.kept("試算表照樣寫", FAILING, &seen);
    let page = buyer.opens("/").await?;
    judge.kept("首頁照樣開", FAILING, &Seen::equal(&page.status, &200));
    let notices = town.notices(&no).await?;
    let answered = notices
        .iter()
        .any(|notice| notice.to_string().contains("\"OK"));
    let seen = Seen::that(answered, "PAYUNi 收到 OK", format!("{notices:?}"));
    judge.kept("通知照樣立刻回 OK", FAILING, &seen);
    Ok(no)
}

/// The service is well again: one parcel, one key, delivered.
async fn ends_well(town: &Town, parcels: &Parcels, judge: &mut Judge, no: &str) -> Result<()> {
    until_within(LATER, async || {
        Ok(town.status(no)? == "fulfilled" && parcels.of(no) > 0)
    })
    .await?;
    judge.kept(
        "物流恢復之後，訂單完成",
        FAILING,
        &Seen::equal(&town.status(no)?, &"fulfilled"),
    );
    judge.goal("剛好一件包裹", KEY, &Seen::equal(&parcels.of(no), &1));
    one_key(parcels, judge, no);
    judge.kept("只交付一次", KEY, &Seen::equal(&town.deliveries(no)?, &1));
    Ok(())
}

fn one_key(parcels: &Parcels, judge: &mut Judge, no: &str) {
    let mut keys: Vec<String> = parcels
        .asked(no)
        .into_iter()
        .map(|asked| asked.key)
        .collect();
    keys.dedup();
    let right = keys.len() == 1 && keys.iter().all(|key| key.contains(no));
    let seen = Seen::that(
        right,
        format!("一個有 {no} 的 Idempotency-Key"),
        format!("{keys:?}"),
    );
    judge.goal("每一次都是同一個鍵", KEY, &seen);
}

/// The service took it and the answer was lost: the same key again, so that there is one parcel still.
async fn answer_lost(
    town: &Town,
    parcels: &Parcels,
    judge: &mut Judge,
    buyer: &Shopper,
) -> Result<()> {
    parcels.is(Mood::Forgetful);
    let sealed = buyer.checks_out("tea", 1).await?;
    let no = sealed.order_no.clone();
    buyer.pays(&sealed, "card").await?;
    until_within(SOON, async || Ok(!parcels.asked(&no).is_empty())).await?;
    parcels.is(Mood::Well);
    until_within(LATER, async || Ok(town.status(&no)? == "fulfilled")).await?;
    let tries = parcels.asked(&no).len();
    let seen = Seen::that(tries >= 2, "至少兩次", format!("{tries} 次"));
    judge.goal("物流收下了、回答遺失：再來一次", KEY, &seen);
    judge.goal(
        "再來一次也還是一件包裹",
        KEY,
        &Seen::equal(&parcels.of(&no), &1),
    );
    one_key(parcels, judge, &no);
    Ok(())
}
