//! Task 5: a reason for refunds with a rule of its own: what was faulty is said in a note, and a second person agrees,
//! whatever the amount.

use crate::{
    Stage,
    judge::{Judge, Seen},
    office::{Wish, agrees, agrees_past_the_page},
    setup::Setup,
    town::{PaidOrder, Town},
    wait::until,
};
use anyhow::{Context, Result};

const REASON: &str = "defective";
const LABEL: &str = "商品瑕疵";
const NOTE: &str = "杯口缺角，買家附了照片";

/// The hints of the task's page.
const CHOICE: u8 = 1;
const NOTE_RULE: u8 = 2;
const PERSONS: u8 = 3;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let admins = "owner@jinliu.example,zhiming@buyer.example";
    let town = Town::open(stage, Setup::demo().env("ADMIN_EMAILS", admins)).await?;
    let buyer = town.person("buyer1").await?;
    let owner = town.person("owner").await?;
    as_before(&town, judge).await?;

    let paid = town.sells_by(&buyer, "tea", "linepay").await?;
    let page = format!("/admin/orders/{}", paid.order_no);
    let office = owner.opens(&page).await?;
    let option = format!("value=\"{REASON}\"");
    let offered = judge.goal(
        "後台的退款表單可以選商品瑕疵",
        CHOICE,
        &Seen::contains(&office.words(), LABEL),
    );
    let seen = Seen::that(office.body.contains(&option), option, "沒有這個選項");
    judge.goal("選項送出的值是 defective", CHOICE, &seen);
    let english = owner.opens(&format!("{page}?lang=en")).await?.words();
    judge.goal(
        "英文介面寫 Defective item",
        CHOICE,
        &Seen::contains(&english, "Defective item"),
    );
    owner.opens("/?lang=zh-TW").await?;

    let answer = Wish::whole(&paid, 680, REASON, "").asked_by(&owner).await?;
    let refused = (400..500).contains(&answer.status) && refund(&town, &paid)?.is_none();
    let seen = Seen::that(refused, "拒絕，而且什麼都沒有記下", answer.status);
    judge.kept("沒寫備註的瑕疵退款不收", NOTE_RULE, &seen);

    let answer = Wish::whole(&paid, 680, REASON, NOTE)
        .asked_by(&owner)
        .await?;
    let taken = judge.goal(
        "寫了備註的瑕疵退款收下",
        CHOICE,
        &Seen::equal(&answer.status, &303),
    );
    if offered && taken {
        two_persons(&town, judge, &paid).await?;
    }
    town.audited(judge).await?;
    Ok(())
}

/// The reasons that there were keep their rules.
async fn as_before(town: &Town, judge: &mut Judge) -> Result<()> {
    let buyer = town.person("buyer1").await?;
    let owner = town.person("owner").await?;
    let paid = town.sells_by(&buyer, "tea", "linepay").await?;
    let answer = Wish::whole(&paid, 680, "other", "")
        .asked_by(&owner)
        .await?;
    let refused = (400..500).contains(&answer.status) && refund(town, &paid)?.is_none();
    let seen = Seen::that(refused, "拒絕，而且什麼都沒有記下", answer.status);
    judge.kept("選「其他」沒寫備註，照樣不收", NOTE_RULE, &seen);
    let answer = Wish::whole(&paid, 680, "buyer", "")
        .asked_by(&owner)
        .await?;
    judge.kept(
        "選「買家要求」不必寫備註",
        NOTE_RULE,
        &Seen::equal(&answer.status, &303),
    );
    let status = town.becomes(&paid.order_no, "refunded").await?;
    judge.kept(
        "小額的「買家要求」一個人就能退",
        PERSONS,
        &Seen::equal(&status, &"refunded"),
    );
    Ok(())
}

/// A second person, and not the first one twice.
async fn two_persons(town: &Town, judge: &mut Judge, paid: &PaidOrder) -> Result<()> {
    let asked = refund(town, paid)?.context("the ledger has no refund")?;
    judge.goal(
        "帳本裡的原因是「商品瑕疵：備註」",
        CHOICE,
        &Seen::equal(&asked.reason, &format!("{LABEL}：{NOTE}")),
    );
    judge.goal(
        "金額再小，也等第二位管理員核准",
        PERSONS,
        &Seen::equal(&asked.state, &"requested"),
    );
    let owner = town.person("owner").await?;
    let offered = agrees(&owner, &paid.order_no, &asked.no).await?.is_some();
    let seen = Seen::that(!offered, "沒有核准的按鈕", "有核准的按鈕");
    judge.kept("申請的人看不到核准的按鈕", PERSONS, &seen);
    let answer = agrees_past_the_page(&owner, &asked.no).await?;
    let still = refund(town, paid)?.context("the refund is gone")?;
    let seen = Seen::that(
        answer.status >= 400 && still.state == asked.state,
        "拒絕，狀態不變",
        format!("{}，{}", answer.status, still.state),
    );
    judge.kept("申請的人直接送出核准，也不算數", PERSONS, &seen);
    let second = town.person("buyer2").await?;
    let agreed = agrees(&second, &paid.order_no, &asked.no).await?;
    let seen = Seen::that(agreed.is_some(), "有核准的按鈕", "沒有核准的按鈕");
    judge.goal("第二位管理員可以核准", PERSONS, &seen);
    let status = town.becomes(&paid.order_no, "refunded").await?;
    judge.goal(
        "核准以後，錢退回去",
        PERSONS,
        &Seen::equal(&status, &"refunded"),
    );
    let mut rows = 0;
    let sql = "SELECT count(*) FROM refunds WHERE state = 'done' AND order_no = ?1";
    until(async || {
        rows = town.counts(sql, &paid.order_no)?;
        Ok(rows == 1)
    })
    .await?;
    judge.kept("只退一次", PERSONS, &Seen::equal(&rows, &1));
    Ok(())
}

/// A refund's row.
struct Row {
    no: String,
    state: String,
    reason: String,
}

/// The last refund of an order, by the ledger.
fn refund(town: &Town, paid: &PaidOrder) -> Result<Option<Row>> {
    let ledger = town.ledger()?;
    let sql = "SELECT refund_no, state, reason FROM refunds WHERE order_no = ?1 ORDER BY requested_at_ms DESC";
    let mut statement = ledger.prepare(sql)?;
    let mut rows = statement.query([&paid.order_no])?;
    let Some(row) = rows.next()? else {
        return Ok(None);
    };
    Ok(Some(Row {
        no: row.get(0)?,
        state: row.get(1)?,
        reason: row.get(2)?,
    }))
}
