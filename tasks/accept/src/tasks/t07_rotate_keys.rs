//! Task 7: keys are changed without losing a notice, and the owner sees who still uses the old ones.

use crate::{
    Stage,
    judge::{Judge, Seen},
    seal::Merchant,
    setup::Setup,
    town::Town,
};
use anyhow::{Context, Result};

const OLD: Merchant = Merchant {
    id: payuni_sim::DEMO_MER_ID,
    key: "Zk3vQ8sT1wYx5bN7mR2cL9pH4dJ6fG0a",
    iv: "p7Wq2Le9Xc4Vb6Nz",
};
const STRANGER: Merchant = Merchant {
    id: payuni_sim::DEMO_MER_ID,
    key: "aaaaBBBBccccDDDDeeeeFFFFggggHHHH",
    iv: "iiiiJJJJkkkkLLLL",
};
const LATE: &str = "L2.retired_key";
const GUESSED: &str = "L2.hash";

/// The hints of the task's page.
const CODE: u8 = 1;
const BY_KEY: u8 = 2;
const ASKED: u8 = 3;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let setup = Setup::apart()
        .env("PAYUNI_PREVIOUS_HASH_KEY", OLD.key)
        .env("PAYUNI_PREVIOUS_HASH_IV", OLD.iv)
        .env("PAYUNI_PREVIOUS_UNTIL", "2099-01-01T00:00:00+08:00");
    let mut town = Town::open(stage, setup).await?;
    within_the_grace(&town, judge).await?;
    town.set_env("PAYUNI_PREVIOUS_UNTIL", "2026-01-01T00:00:00+08:00");
    town.starts_again().await?;
    after_the_grace(&town, judge).await?;
    let logged = town.logged();
    let printed = [OLD.key, OLD.iv]
        .iter()
        .any(|secret| logged.contains(secret));
    let seen = Seen::that(!printed, "紀錄裡沒有金鑰", "紀錄裡有金鑰");
    judge.kept("舊金鑰不出現在紀錄裡", CODE, &seen);
    town.audited_alone(judge).await?;
    Ok(())
}

/// A notice that was on its way when the keys were changed arrives.
async fn within_the_grace(town: &Town, judge: &mut Judge) -> Result<()> {
    let (no, trade) = pays_untold(town).await?;
    let told = tells(town, &OLD.paid_card(&no, &trade, 680)?).await?;
    judge.kept(
        "寬限期內，舊金鑰簽的通知照樣收",
        ASKED,
        &Seen::equal(&told, &(200, "OK".to_owned())),
    );
    let sql = "SELECT count(*) FROM facts WHERE source = 'notice' AND key_id = 'previous' AND order_no = ?1";
    judge.kept(
        "帳本記得那一則是用舊金鑰開的",
        BY_KEY,
        &Seen::equal(&town.counts(sql, &no)?, &1),
    );
    let status = town.becomes(&no, "fulfilled").await?;
    judge.kept("那一張訂單完成", ASKED, &Seen::equal(&status, &"fulfilled"));
    let buyer = town.person("buyer2").await?;
    let next = town.sells(&buyer, "tea").await?;
    let sql = "SELECT count(*) FROM facts WHERE source = 'notice' AND order_no = ?1";
    crate::wait::until(async || Ok(town.counts(sql, &next)? > 0)).await?;
    for (key, count) in [("previous", "1"), ("current", "1")] {
        judge.goal(
            &format!("/metrics 數得出用「{key}」開的通知"),
            BY_KEY,
            &counted(
                town,
                &format!("jinliu_notices_by_key_total{{key=\"{key}\"}}"),
                count,
            )
            .await?,
        );
    }
    Ok(())
}

/// The grace is over: what comes under the old keys is refused by a name of its own, and asked about all the same.
async fn after_the_grace(town: &Town, judge: &mut Judge) -> Result<()> {
    let (no, trade) = pays_untold(town).await?;
    let notice = OLD.paid_card(&no, &trade, 680)?;
    let late = tells(town, &notice).await?;
    judge.kept(
        "寬限期過了，舊金鑰簽的通知拒絕",
        CODE,
        &Seen::equal(&late, &(401, "not authentic\n".to_owned())),
    );
    judge.goal(
        "拒絕的代碼是 L2.retired_key",
        CODE,
        &counted(town, &refused(LATE), "1").await?,
    );
    let guessed = tells(town, &STRANGER.paid_card(&no, &trade, 680)?).await?;
    judge.kept(
        "對外，過期的和亂猜的回答一模一樣",
        CODE,
        &Seen::equal(&guessed, &late),
    );
    // Its hash is the old keys', its content is not.
    let (start, end) = notice.split_at(notice.find("EncryptInfo=").context("no EncryptInfo")? + 20);
    let digit = if end.starts_with('3') { "4" } else { "3" };
    let changed = format!("{start}{digit}{}", end.get(1..).unwrap_or_default());
    let changed = tells(town, &changed).await?;
    judge.kept(
        "改過一個位元組的舊通知也拒絕",
        CODE,
        &Seen::equal(&changed, &late),
    );
    judge.goal(
        "亂猜的和改過的仍然算 L2.hash，不混在一起",
        CODE,
        &counted(town, &refused(GUESSED), "2").await?,
    );
    let status = town.becomes(&no, "fulfilled").await?;
    judge.kept(
        "被拒絕的那一則不漏單：商店自己去問，訂單完成",
        ASKED,
        &Seen::equal(&status, &"fulfilled"),
    );
    let sql = "SELECT count(*) FROM facts WHERE source = 'notice' AND order_no = ?1";
    judge.kept(
        "被拒絕的那一則沒有變成事實",
        CODE,
        &Seen::equal(&town.counts(sql, &no)?, &0),
    );
    judge.kept(
        "只交付一次",
        ASKED,
        &Seen::equal(&town.deliveries(&no)?, &1),
    );
    Ok(())
}

/// A payment of which PAYUNi's own notice is lost: the order and PAYUNi's number.
async fn pays_untold(town: &Town) -> Result<(String, String)> {
    let buyer = town.person("buyer1").await?;
    let sealed = buyer.checks_out("tea", 1).await?;
    town.fault("drop_notice", 1).await?;
    let paid = buyer.pays(&sealed, "card").await?;
    Ok((sealed.order_no, paid.trade_no))
}

async fn tells(town: &Town, body: &str) -> Result<(u16, String)> {
    let url = format!("{}/payuni/notify", town.places.shop);
    let post = town.outside.post(url);
    let post = post.header("content-type", "application/x-www-form-urlencoded");
    let answer = post.body(body.to_owned()).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

fn refused(code: &str) -> String {
    format!("jinliu_refused_total{{code=\"{code}\"}}")
}

/// Whether a counter stands at this; the whole line that there is.
async fn counted(town: &Town, counter: &str, count: &str) -> Result<Seen> {
    let url = format!("{}/metrics", town.places.shop);
    let text = town.outside.get(url).send().await?.text().await?;
    let line = text.lines().find(|line| line.starts_with(counter));
    let line = line.unwrap_or("（沒有這個計數）");
    let wanted = format!("{counter} {count}");
    Ok(Seen::that(line == wanted, &wanted, line))
}
