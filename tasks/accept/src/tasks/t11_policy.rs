//! Task 11: a page on complaints and disputes: built in, in two languages, or the owner's own words, and linked everywhere.

use crate::{
    Stage,
    judge::{Judge, Seen},
    setup::{SHOP_FILE, Setup},
    shopper::{Page, Shopper},
    town::Town,
};
use anyhow::Result;

const PATH: &str = "/about/disputes";
const LINK: &str = "href=\"/about/disputes\"";
const OWN: &str =
    "# 我們怎麼處理\n\n寫信給我們 <script>alert(1)</script> 就好。\n\n- 三天內回信\n- 五天內處理";

/// The hints of the task's page.
const TOPIC: u8 = 1;
const WORDS: u8 = 2;
const OWNERS: u8 = 3;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let town = Town::open(stage, Setup::demo()).await?;
    let visitor = town.stranger()?;
    as_before(&visitor, judge).await?;
    built_in(&visitor, judge).await?;
    linked(&town, &visitor, judge).await?;
    drop(town);
    the_owners_own(stage, judge).await
}

/// The pages that there were.
async fn as_before(visitor: &Shopper, judge: &mut Judge) -> Result<()> {
    for topic in ["terms", "privacy", "refund", "delivery"] {
        let page = visitor.opens(&format!("/about/{topic}")).await?;
        judge.kept(
            &format!("/about/{topic} 照樣在"),
            TOPIC,
            &Seen::equal(&page.status, &200),
        );
    }
    let nothing = visitor.opens("/about/nothing").await?;
    judge.kept(
        "沒有的頁面是 404",
        TOPIC,
        &Seen::equal(&nothing.status, &404),
    );
    Ok(())
}

/// The words that come along, in both languages.
async fn built_in(visitor: &Shopper, judge: &mut Judge) -> Result<()> {
    let page = visitor.opens(PATH).await?;
    judge.goal(
        "/about/disputes 打得開",
        TOPIC,
        &Seen::equal(&page.status, &200),
    );
    judge.goal(
        "標題是「消費爭議處理」",
        WORDS,
        &Seen::contains(&headings(&page), "消費爭議處理"),
    );
    let words = page.words();
    for (what, word) in [
        ("寫得出店名", "島嶼選物"),
        ("寫得出客服信箱", "service@jinliu.example"),
        ("寫得出 1950 消費者專線", "1950"),
    ] {
        judge.goal(what, WORDS, &Seen::contains(&words, word));
    }
    inert(&page, judge);
    let page = visitor.opens(&format!("{PATH}?lang=en")).await?;
    let seen = Seen::contains(&headings(&page).to_lowercase(), "disputes");
    judge.goal("英文標題有 disputes", WORDS, &seen);
    let words = page.words();
    judge.goal("英文也寫得出 1950", WORDS, &Seen::contains(&words, "1950"));
    let chinese = words.chars().filter(|c| ('一'..='龥').contains(c)).count();
    // The shop's name stays what it is.
    let seen = Seen::that(
        page.status == 200 && chinese <= 20,
        "英文",
        format!("{}，{chinese} 個中文字：{words}", page.status),
    );
    judge.goal("英文頁的內文是英文", WORDS, &seen);
    visitor.opens("/?lang=zh-TW").await?;
    Ok(())
}

/// From every page with a footer.
async fn linked(town: &Town, visitor: &Shopper, judge: &mut Judge) -> Result<()> {
    let buyer = town.person("buyer1").await?;
    for (what, page) in [
        ("首頁", visitor.opens("/").await?),
        ("條款頁", visitor.opens("/about/terms").await?),
        ("我的訂單", buyer.opens("/orders").await?),
        ("找不到的頁面", visitor.opens("/nothing-here").await?),
    ] {
        let seen = Seen::that(page.body.contains(LINK), LINK, "沒有這個連結");
        judge.goal(&format!("{what}的頁尾連得過去"), TOPIC, &seen);
    }
    Ok(())
}

/// The owner's own words in `jinliu.toml`, escaped.
async fn the_owners_own(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let what = "jinliu.toml 的 [texts] 可以寫 disputes";
    let file = format!("[texts]\ndisputes = \"\"\"\n{OWN}\n\"\"\"\n{SHOP_FILE}");
    match Town::tries(stage, Setup::demo().shop_file(&file)).await? {
        Ok(town) => {
            let visitor = town.stranger()?;
            let page = visitor.opens(PATH).await?;
            let words = page.words();
            judge.goal(what, OWNERS, &Seen::contains(&words, "三天內回信"));
            let seen = Seen::that(
                page.body.contains("&lt;script&gt;") || page.body.contains("&#60;script&#62;"),
                "看得到 <script> 這幾個字",
                &words,
            );
            judge.goal("裡面的 HTML 原樣顯示，不會變成標籤", OWNERS, &seen);
            let headings = headings(&page);
            judge.goal(
                "# 開頭的是小標",
                OWNERS,
                &Seen::contains(&headings, "我們怎麼處理"),
            );
            inert(&page, judge);
            town.audited_alone(judge).await?;
        }
        Err(refused) => {
            let seen = Seen::that(false, "商店照常開張", &refused.words);
            judge.goal(what, OWNERS, &seen);
        }
    }
    let file = format!("[texts]\ndisputes = 5\n{SHOP_FILE}");
    let refused = Town::tries(stage, Setup::demo().shop_file(&file)).await?;
    let words = refused.err().map(|refused| refused.words);
    let words = words.unwrap_or_else(|| "商店開了".to_owned());
    judge.kept(
        "寫錯了不開店，而且指出是哪一行",
        OWNERS,
        &Seen::contains(&words, "第 2 行 texts.disputes"),
    );
    Ok(())
}

/// The words of a page's headings.
fn headings(page: &Page) -> String {
    let pieces = page.body.split("<h").skip(1);
    let numbered = pieces.filter(|piece| piece.starts_with(['1', '2']));
    let texts = numbered.filter_map(|piece| piece.split_once('>')?.1.split('<').next());
    texts.collect::<Vec<_>>().join("、")
}

/// Nothing on the page runs.
fn inert(page: &Page, judge: &mut Judge) {
    let main = page.body.split("<main").nth(1).unwrap_or_default();
    let main = main.split("</main>").next().unwrap_or_default();
    let policy = page.headers.get("content-security-policy");
    let policy = policy
        .and_then(|policy| policy.to_str().ok())
        .unwrap_or_default();
    let seen = Seen::that(
        !main.contains("<script") && policy.contains("default-src 'none'"),
        "沒有 script，而且有 CSP",
        policy,
    );
    judge.kept("頁面裡沒有可以跑的東西", OWNERS, &seen);
}
