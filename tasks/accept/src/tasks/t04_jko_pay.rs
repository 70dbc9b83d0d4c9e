//! Task 4: another way to pay, JKO Pay: offered where the owner switches it on, named wherever a method is named, given back.

use crate::{
    Stage,
    judge::{Judge, Seen},
    office::Wish,
    setup::{SHOP_FILE, Setup},
    town::{PaidOrder, Refused, Town},
};
use anyhow::Result;

const NAME: &str = "街口支付";

/// The hints of the task's page.
const OFFER: u8 = 1;
const READ: u8 = 2;
const STORE: u8 = 3;
const SHOW: u8 = 4;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    switched_off(stage, judge).await?;
    let on = format!("{SHOP_FILE}\n[payment]\njko_pay = true\n");
    let what = "jinliu.toml 的 [payment] 可以寫 jko_pay = true";
    match Town::tries(stage, Setup::demo().shop_file(&on)).await? {
        Ok(town) => {
            judge.goal(what, OFFER, &Seen::equal(&true, &true));
            switched_on(&town, judge).await?;
        }
        Err(refused) => {
            not_open(judge, what, &refused);
            // The rest is about what the shop does, and is looked at all the same.
            switched_on(&Town::open(stage, Setup::demo()).await?, judge).await?;
        }
    }
    alone(stage, judge).await
}

fn not_open(judge: &mut Judge, what: &str, refused: &Refused) {
    let seen = Seen::that(false, "商店照常開張", &refused.words);
    judge.goal(what, OFFER, &seen);
}

/// Off by default: a merchant has to switch it on at PAYUNi first.
async fn switched_off(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let town = Town::open(stage, Setup::demo()).await?;
    let buyer = town.person("buyer1").await?;
    let front = buyer.opens("/").await?.words();
    judge.kept("沒有打開就不提供", OFFER, &Seen::lacks(&front, NAME));
    let sealed = buyer.checks_out("tea", 1).await?;
    let answer = buyer.tries_to_pay(&sealed, "jkopay").await?;
    let refused = answer["TradeNo"].is_null();
    let seen = Seen::that(refused, "PAYUNi 的付款頁上沒有", answer);
    judge.kept("送給 PAYUNi 的表單也不提供", OFFER, &seen);
    for (method, name) in [("card", "信用卡"), ("linepay", "LINE Pay")] {
        let paid = town.sells_by(&buyer, "tea", method).await?;
        is_called(&town, judge, &paid, name, false).await?;
    }
    town.audited(judge).await?;
    Ok(())
}

/// On: offered, paid, confirmed, named, given back.
async fn switched_on(town: &Town, judge: &mut Judge) -> Result<()> {
    let buyer = town.person("buyer1").await?;
    let front = buyer.opens("/").await?.words();
    judge.goal(
        "打開以後，首頁列出街口支付",
        OFFER,
        &Seen::contains(&front, NAME),
    );
    let sealed = buyer.checks_out("tea", 1).await?;
    let answer = buyer.tries_to_pay(&sealed, "jkopay").await?;
    let offered = answer["TradeNo"].is_string();
    let seen = Seen::that(offered, "PAYUNi 的付款頁接受", &answer);
    if !judge.goal("PAYUNi 的付款頁可以選街口支付", OFFER, &seen) {
        return Ok(());
    }
    let no = sealed.order_no.clone();
    let status = town.becomes(&no, "fulfilled").await?;
    judge.goal(
        "用街口支付的訂單完成",
        READ,
        &Seen::equal(&status, &"fulfilled"),
    );
    let once = Seen::equal(&town.deliveries(&no)?, &1);
    judge.kept("只交付一次", READ, &once);
    let paid = PaidOrder {
        trade_no: answer["TradeNo"].as_str().unwrap_or_default().to_owned(),
        order_no: no.clone(),
    };
    is_called(town, judge, &paid, NAME, true).await?;
    // The page reads the ledger anew each time; so does the back office.
    let owner = town.person("owner").await?;
    let page = owner.opens(&format!("/admin/orders/{no}")).await?.words();
    judge.goal(
        "後台的訂單頁寫街口支付",
        STORE,
        &Seen::contains(&page, NAME),
    );
    told_only(town, judge).await?;
    let other = town.sells_by(&buyer, "tea", "linepay").await?;
    is_called(town, judge, &other, "LINE Pay", false).await?;
    let wish = Wish::whole(&paid, 680, "buyer", "");
    let answer = wish.asked_by(&owner).await?;
    judge.kept(
        "街口支付的退款申請收得下",
        STORE,
        &Seen::equal(&answer.status, &303),
    );
    let status = town.becomes(&no, "refunded").await?;
    judge.kept(
        "退款由 PAYUNi 原路退回",
        STORE,
        &Seen::equal(&status, &"refunded"),
    );
    town.audited(judge).await?;
    Ok(())
}

/// PAYUNi's answers to questions are incomplete for a while: all that is known is its notice.
async fn told_only(town: &Town, judge: &mut Judge) -> Result<()> {
    let buyer = town.person("buyer1").await?;
    town.fault("query_data_source_b", 1000).await?;
    let sealed = buyer.checks_out("tea", 1).await?;
    buyer.pays(&sealed, "jkopay").await?;
    let no = sealed.order_no;
    town.becomes(&no, "paid").await?;
    let page = buyer.opens(&format!("/orders/{no}")).await?.words();
    judge.goal(
        "只收到通知、還沒查詢時，訂單頁也寫街口支付",
        READ,
        &Seen::contains(&page, NAME),
    );
    judge.kept(
        "只收到通知、還沒查詢時不交付",
        READ,
        &Seen::equal(&town.deliveries(&no)?, &0),
    );
    town.no_more_faults().await?;
    let status = town.becomes(&no, "fulfilled").await?;
    let fulfilled = Seen::equal(&status, &"fulfilled");
    judge.kept("查詢相符以後完成", READ, &fulfilled);
    Ok(())
}

/// What the buyer and the owner read for a way to pay.
async fn is_called(
    town: &Town,
    judge: &mut Judge,
    paid: &PaidOrder,
    name: &str,
    goal: bool,
) -> Result<()> {
    let buyer = town.person("buyer1").await?;
    let page = buyer.opens(&format!("/orders/{}", paid.order_no)).await?;
    let page = Seen::contains(&page.words(), name);
    let done = |status: &str| status == "已完成";
    town.cell_holds("訂單", &paid.order_no, "狀態", done)
        .await?;
    let cell = town.tab("訂單").await?.cell(&paid.order_no, "付款方式");
    let cell = Seen::equal(&cell.unwrap_or_default(), &name);
    let page_says = format!("訂單頁寫 {name}");
    let cell_says = format!("試算表的付款方式寫 {name}");
    if goal {
        judge.goal(&page_says, READ, &page);
        judge.goal(&cell_says, SHOW, &cell);
    } else {
        judge.kept(&page_says, READ, &page);
        judge.kept(&cell_says, SHOW, &cell);
    }
    Ok(())
}

/// A shop may live of it alone.
async fn alone(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let only = format!(
        "{SHOP_FILE}\n[payment]\ncard = false\natm = false\ncvs = false\nline_pay = false\njko_pay = true\n"
    );
    let what = "只開街口支付也開得了店";
    match Town::tries(stage, Setup::demo().shop_file(&only)).await? {
        Ok(town) => {
            let front = town.stranger()?.opens("/").await?.words();
            judge.goal(what, OFFER, &Seen::contains(&front, NAME));
        }
        Err(refused) => not_open(judge, what, &refused),
    }
    Ok(())
}
