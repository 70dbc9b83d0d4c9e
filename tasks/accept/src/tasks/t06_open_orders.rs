//! Task 6: one member holds only so many orders that are not paid; counted in the commit that places the next.

use crate::{
    Stage,
    judge::{Judge, Seen},
    page::form_to,
    setup::{SHOP_FILE, Setup},
    shopper::{Page, Sealed, Shopper},
    town::Town,
};
use anyhow::{Context, Result};

const MOST: usize = 2;
const WORDS: &str = "還沒付款的訂單";

/// The hints of the task's page.
const SETTING: u8 = 1;
const COMMIT: u8 = 2;
const PAGE: u8 = 3;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    without_a_limit(stage, judge).await?;
    let limit = format!("[limits]\nopen_orders_per_member = {MOST}");
    let file = SHOP_FILE.replace("[limits]", &limit);
    let what = "jinliu.toml 的 [limits] 可以寫 open_orders_per_member";
    let town = match Town::tries(stage, Setup::demo().shop_file(&file)).await? {
        Ok(town) => {
            judge.goal(what, SETTING, &Seen::equal(&true, &true));
            town
        }
        Err(refused) => {
            let seen = Seen::that(false, "商店照常開張", &refused.words);
            judge.goal(what, SETTING, &seen);
            // The rest is about what the shop does, and is looked at all the same.
            Town::open(stage, Setup::demo()).await?
        }
    };
    the_limit_holds(&town, judge).await?;
    both_at_once(&town, judge).await?;
    town.audited(judge).await?;
    Ok(())
}

/// Where nothing is set, nothing is limited.
async fn without_a_limit(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let town = Town::open(stage, Setup::demo()).await?;
    let buyer = town.person("buyer1").await?;
    let mut answers = Vec::new();
    for _ in 0..8 {
        answers.push(buyer.tries_to_check_out("tea", 1).await?.status);
    }
    let all = answers.iter().all(|status| *status == 200);
    let seen = Seen::that(all, "八張都收", format!("{answers:?}"));
    judge.kept("沒有設定時不限張數", SETTING, &seen);
    Ok(())
}

/// One too many is refused; paying or giving up makes room; what is there already can still be paid.
async fn the_limit_holds(town: &Town, judge: &mut Judge) -> Result<()> {
    let buyer = town.person("buyer1").await?;
    let form = buyer.form_of("tea").await?;
    let first = buyer.posts("/checkout", &form).await?;
    let first = Sealed::read(&first.body)?;
    let second = buyer.checks_out("cup", 1).await?;
    let again = buyer.posts("/checkout", &form).await?;
    let again = Sealed::read(&again.body).map(|sealed| sealed.order_no);
    judge.kept(
        "同一張表單按兩次，還是同一筆訂單",
        COMMIT,
        &Seen::equal(&again.unwrap_or_default(), &first.order_no),
    );

    let before = orders_of(town)?;
    let third = buyer.tries_to_check_out("tea", 1).await?;
    let refused = judge.goal(
        &format!("第 {} 張沒付款的訂單不收，回答 409", MOST + 1),
        COMMIT,
        &Seen::equal(&third.status, &409),
    );
    judge.goal(
        "頁面說明為什麼，也說怎麼辦",
        PAGE,
        &Seen::contains(&third.words(), WORDS),
    );
    let seen = Seen::that(
        refused && third.body.contains("href=\"/orders\""),
        "連到「我的訂單」",
        third.words(),
    );
    judge.goal("頁面連得到「我的訂單」", PAGE, &seen);
    if refused {
        judge.kept(
            "不收的訂單沒有寫進帳本",
            COMMIT,
            &Seen::equal(&orders_of(town)?, &before),
        );
    }
    let other = town.person("buyer2").await?;
    let other = other.tries_to_check_out("tea", 1).await?;
    judge.kept(
        "別的會員不受影響",
        COMMIT,
        &Seen::equal(&other.status, &200),
    );

    let page = tries_again(&buyer, &first).await?;
    judge.kept(
        "已經有的訂單還是可以再付一次",
        COMMIT,
        &Seen::equal(&page.status, &200),
    );
    let sealed = Sealed::read(&page.body)?;
    buyer.pays(&sealed, "card").await?;
    let status = town.becomes(&first.order_no, "fulfilled").await?;
    let fulfilled = Seen::equal(&status, &"fulfilled");
    judge.kept("付款的訂單完成", COMMIT, &fulfilled);
    let fourth = buyer.tries_to_check_out("tea", 1).await?;
    judge.kept(
        "付了一張，就可以再下一張",
        COMMIT,
        &Seen::equal(&fourth.status, &200),
    );
    if refused {
        cancels(&buyer, &second).await?;
        let fifth = buyer.tries_to_check_out("tea", 1).await?;
        judge.goal(
            "取消一張，也可以再下一張",
            COMMIT,
            &Seen::equal(&fifth.status, &200),
        );
        let sixth = buyer.tries_to_check_out("tea", 1).await?;
        judge.goal("滿了又不收", COMMIT, &Seen::equal(&sixth.status, &409));
    }
    Ok(())
}

/// Many checkouts at the same moment, with room for some: no more than these are placed.
async fn both_at_once(town: &Town, judge: &mut Judge) -> Result<()> {
    let owner = town.person("owner").await?;
    let one = || owner.tries_to_check_out("tea", 1);
    let (a, b, c, d, e, f) = tokio::try_join!(one(), one(), one(), one(), one(), one())?;
    let answers = [a, b, c, d, e, f].map(|page| page.status);
    let placed = answers.iter().filter(|status| **status == 200).count();
    judge.goal(
        &format!("同時送六張，只收 {MOST} 張"),
        COMMIT,
        &Seen::that(
            placed == MOST,
            MOST,
            format!("收了 {placed} 張：{answers:?}"),
        ),
    );
    Ok(())
}

/// Pays an order again, by the button on its page.
async fn tries_again(buyer: &Shopper, sealed: &Sealed) -> Result<Page> {
    let path = format!("/orders/{}", sealed.order_no);
    let page = buyer.opens(&path).await?;
    let to = format!("{path}/pay");
    let form = form_to(&page.body, &to).context("no button to pay with")?;
    buyer.posts(&to, &form).await
}

/// Gives an order up, by the button on its page.
async fn cancels(buyer: &Shopper, sealed: &Sealed) -> Result<()> {
    let path = format!("/orders/{}", sealed.order_no);
    let page = buyer.opens(&path).await?;
    let to = format!("{path}/cancel");
    let form = form_to(&page.body, &to).context("no button to cancel with")?;
    buyer.posts(&to, &form).await?;
    Ok(())
}

fn orders_of(town: &Town) -> Result<i64> {
    town.counts("SELECT count(*) FROM orders WHERE order_no <> ?1", "")
}
