//! Task 3: a mail to the buyer when the order is paid; at least once, never twice for a repeated notice, and never in the way.

use crate::{
    Stage,
    judge::{Judge, Seen},
    mailbox::Mailbox,
    setup::Setup,
    town::Town,
    wait::{until, until_within},
};
use anyhow::{Context, Result};
use std::time::Duration;

const BUYER: &str = "mei@buyer.example";
const SENDER: &str = "orders@jinliu.example";
/// How soon a mail must have left, and how soon the next try must be made.
const SOON: Duration = Duration::from_secs(10);

/// The hints of the task's page.
const EFFECT: u8 = 1;
const SENDING: u8 = 2;
const FAILING: u8 = 3;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    without_mail(stage, judge).await?;
    let mailbox = Mailbox::open().await?;
    let setup = Setup::demo()
        .env("SMTP_URL", &mailbox.url())
        .env("MAIL_FROM", SENDER);
    let mut town = Town::open(stage, setup).await?;
    let first = told_twice(&town, &mailbox, judge).await?;
    if let Some(first) = &first {
        refused_and_sent_later(&mut town, &mailbox, judge, first).await?;
    }
    town.audited(judge).await?;
    Ok(())
}

/// A shop that sends no mail goes on as before.
async fn without_mail(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let town = Town::open(stage, Setup::demo()).await?;
    let buyer = town.person("buyer1").await?;
    let no = town.sells(&buyer, "tea").await?;
    let once = Seen::equal(&town.deliveries(&no)?, &1);
    judge.kept("沒有設定 SMTP_URL 的商店照樣賣，只交付一次", FAILING, &once);
    town.audited(judge).await?;
    Ok(())
}

/// Every notice comes twice, and once more on demand: one mail. Its order, where it came.
async fn told_twice(town: &Town, mailbox: &Mailbox, judge: &mut Judge) -> Result<Option<String>> {
    let buyer = town.person("buyer1").await?;
    let declined = buyer.checks_out("tea", 1).await?;
    buyer.pays(&declined, "card_decline").await?;
    town.fault("duplicate_notice", 1).await?;
    let sealed = buyer.checks_out("tea", 1).await?;
    let no = sealed.order_no.clone();
    let paid = buyer.pays(&sealed, "card").await?;
    let status = town.becomes(&no, "fulfilled").await?;
    judge.kept(
        "付款的訂單完成",
        FAILING,
        &Seen::equal(&status, &"fulfilled"),
    );
    let came = until_within(SOON, async || Ok(!mailbox.about(&no).is_empty())).await?;
    let seen = Seen::that(
        came,
        format!("{SOON:?} 內，{BUYER} 收到一封寫著 {no} 的信"),
        "沒有信",
    );
    if !judge.goal("付款成功後，買家收到信，信裡有訂單編號", SENDING, &seen) {
        return Ok(None);
    }
    let mail = mailbox.about(&no).into_iter().next();
    let mail = mail.context("the mail is gone")?;
    judge.goal(
        "收件人是買家的 Google 信箱",
        SENDING,
        &Seen::equal(&mail.to, &[BUYER]),
    );
    judge.goal(
        "寄件人是 MAIL_FROM",
        SENDING,
        &Seen::contains(&mail.header, SENDER),
    );
    judge.goal("信裡有金額", SENDING, &Seen::contains(&mail.words, "680"));
    let page = format!("{}/orders/{no}", town.places.shop);
    judge.goal(
        "信裡有訂單頁的網址",
        SENDING,
        &Seen::contains(&mail.words, &page),
    );
    town.sends_again(&paid.trade_no).await?;
    let answered = async || {
        let notices = town.notices(&no).await?;
        let tries = |notice: &serde_json::Value| notice["tries"].as_array().map_or(0, Vec::len);
        Ok(notices.iter().map(tries).sum::<usize>() >= 3)
    };
    until(answered).await?;
    // Whatever was to be sent of the first order stands before the mail of the next.
    let next = town.sells(&buyer, "cup").await?;
    let came = until_within(SOON, async || Ok(!mailbox.about(&next).is_empty())).await?;
    let seen = Seen::that(came, "下一筆訂單也有信", "沒有信");
    judge.goal("每一筆付款的訂單都有信", EFFECT, &seen);
    judge.goal(
        "通知重複了三次，信只有一封",
        EFFECT,
        &Seen::equal(&mailbox.about(&no).len(), &1),
    );
    judge.kept(
        "付款失敗的訂單不寄信",
        EFFECT,
        &Seen::equal(&mailbox.about(&declined.order_no).len(), &0),
    );
    Ok(Some(no))
}

/// The mail server refuses: the order goes on, and the mail comes later, even after a restart.
async fn refused_and_sent_later(
    town: &mut Town,
    mailbox: &Mailbox,
    judge: &mut Judge,
    first: &str,
) -> Result<()> {
    mailbox.refuses(true);
    let buyer = town.person("buyer2").await?;
    let sealed = buyer.checks_out("cup", 1).await?;
    let no = sealed.order_no.clone();
    buyer.pays(&sealed, "card").await?;
    let status = town.becomes(&no, "fulfilled").await?;
    judge.kept(
        "信寄不出去，訂單照樣完成",
        FAILING,
        &Seen::equal(&status, &"fulfilled"),
    );
    let tried = until_within(SOON, async || Ok(mailbox.refused() > 0)).await?;
    judge.goal(
        "信箱忙線時試過寄信",
        FAILING,
        &Seen::that(tried, "至少一次", "沒有試過"),
    );
    town.stops().await?;
    mailbox.refuses(false);
    town.starts()
        .await?
        .ok()
        .context("the shop does not start again")?;
    let came = until(async || Ok(!mailbox.about(&no).is_empty())).await?;
    let seen = Seen::that(came, "重新啟動後，信寄到了", "沒有信");
    judge.goal("寄不出去的信留著，商店重新啟動以後再寄", FAILING, &seen);
    judge.goal(
        "寄過的信不會因為重新啟動再寄一次",
        EFFECT,
        &Seen::equal(&mailbox.about(first).len(), &1),
    );
    judge.kept(
        "訂單只交付一次",
        FAILING,
        &Seen::equal(&town.deliveries(&no)?, &1),
    );
    Ok(())
}
