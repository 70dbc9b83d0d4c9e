//! Task 2: the shop's own name, logo and colours, from the tree's `jinliu.toml` and `brand/`.

use crate::{
    Stage,
    judge::{Judge, Seen},
    page::forms_to,
    setup::Setup,
    shopper::Shopper,
    town::Town,
};
use anyhow::{Context, Result};

/// How the demo is dressed.
const NAME: &str = "島嶼選物";
const EMAIL: &str = "service@jinliu.example";
const LOGO: &str = "<rect width=\"72\" height=\"72\" rx=\"18\" fill=\"#28409c\"/>";
const COLOURS: [(&str, &str); 2] = [("淺色模式", "#28409c"), ("深色模式", "#a9baff")];
/// What the law and PAYUNi's merchant review want to be readable.
const POLICIES: [&str; 4] = ["terms", "privacy", "refund", "delivery"];

/// The hints of the task's page.
const SHOP: u8 = 1;
const PICTURES: u8 = 2;
const LOOK: u8 = 3;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let what = "換了品牌的 jinliu.toml 與 brand/ 開得了店";
    let town = match Town::tries(stage, Setup::demo().dressed_as(&stage.tree)?).await? {
        Ok(town) => town,
        Err(refused) => {
            // A colour that nobody could read, a picture too large: it says so itself.
            judge.kept(
                what,
                LOOK,
                &Seen::that(false, "商店照常開張", &refused.words),
            );
            return Ok(());
        }
    };
    let buyer = town.person("buyer1").await?;
    let front = buyer.opens("/").await?;
    judge.kept(what, LOOK, &Seen::equal(&front.status, &200));

    let name = between(&front.body, "<a class=\"logo\"", "</a>");
    let name = between(name, "<span>", "</span>").to_owned();
    let named = !name.is_empty() && !name.contains(NAME);
    let seen = Seen::that(named, format!("不是「{NAME}」的店名"), &name);
    judge.goal("頁首是自己的店名", SHOP, &seen);
    let title = between(&front.body, "<title>", "</title>");
    judge.goal("分頁標題也是", SHOP, &Seen::lacks(title, NAME));
    let foot = between(&front.body, "<footer", "</footer>");
    judge.goal("頁尾是自己的客服信箱", SHOP, &Seen::lacks(foot, EMAIL));

    pictures(&front.body, &buyer, judge).await?;
    colours(&front.body, &buyer, judge).await?;
    policies(&buyer, judge).await?;
    sells(&town, &buyer, judge).await
}

/// The logo at the top of the page.
async fn pictures(front: &str, buyer: &Shopper, judge: &mut Judge) -> Result<()> {
    let logo = between(front, "<a class=\"logo\"", "</a>");
    let logo = between(logo, "src=\"", "\"");
    let picture = buyer.opens(logo).await?;
    let kind = picture.headers.get("content-type");
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let is_picture = picture.status == 200 && kind.starts_with("image/");
    let seen = Seen::that(is_picture, "一張圖", format!("{} {kind}", picture.status));
    judge.kept("商標送得出來，而且是圖", PICTURES, &seen);
    let own = !picture.body.contains(LOGO);
    let seen = Seen::that(own, "自己的圖", "示範商店的商標");
    judge.goal("商標換成自己的", PICTURES, &seen);
    Ok(())
}

/// The stylesheet with the shop's colours.
async fn colours(front: &str, buyer: &Shopper, judge: &mut Judge) -> Result<()> {
    let mut sheets = front.split("<link rel=\"stylesheet\" href=\"").skip(1);
    let first = sheets.next().and_then(|rest| rest.split('"').next());
    let css = buyer.opens(first.context("no stylesheet")?).await?.body;
    let css = css.to_lowercase();
    for (mode, colour) in COLOURS {
        let seen = Seen::that(
            !css.contains(&format!("--accent:{colour}")),
            format!("不是 {colour}"),
            between(&css, "--accent:", ";"),
        );
        judge.goal(&format!("{mode}的主色換了"), LOOK, &seen);
    }
    Ok(())
}

/// The pages that have to be there, without the demo's name.
async fn policies(buyer: &Shopper, judge: &mut Judge) -> Result<()> {
    let mut bare = Vec::new();
    let mut old = Vec::new();
    for topic in POLICIES {
        let page = buyer.opens(&format!("/about/{topic}")).await?;
        if page.status != 200 || page.words().chars().count() < 30 {
            bare.push(topic);
        }
        if page.body.contains(NAME) {
            old.push(topic);
        }
    }
    let what = "服務條款、隱私權、退換貨與配送說明都還讀得到";
    judge.kept(what, SHOP, &Seen::equal(&bare, &Vec::<&str>::new()));
    let what = "這四頁上也沒有示範商店的店名";
    judge.goal(what, SHOP, &Seen::equal(&old, &Vec::<&str>::new()));
    Ok(())
}

/// The first thing on the shelf can be bought, and the receipt is the shop's own.
async fn sells(town: &Town, buyer: &Shopper, judge: &mut Judge) -> Result<()> {
    let front = buyer.opens("/").await?;
    let forms = forms_to(&front.body, "/checkout");
    let product = forms.iter().find_map(|form| form.get("product_id"));
    let product = product.context("the storefront sells nothing")?;
    let no = town.sells(buyer, product).await?;
    let once = Seen::equal(&town.deliveries(&no)?, &1);
    judge.kept("商品照樣賣，只交付一次", 0, &once);
    let receipt = buyer.opens(&format!("/orders/{no}/receipt")).await?;
    judge.goal("收據是自己的店名", SHOP, &Seen::lacks(&receipt.body, NAME));
    town.audited(judge).await?;
    Ok(())
}

/// What stands between two marks; empty where they are not there.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split(to).next().unwrap_or_default()
}
