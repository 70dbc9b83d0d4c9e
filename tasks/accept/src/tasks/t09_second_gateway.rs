//! Task 9: a second gateway's notices become facts like PAYUNi's, line by line, and deliver nothing.

use crate::{
    Stage,
    judge::{Judge, Seen},
    setup::Setup,
    town::Town,
};
use anyhow::{Context, Result};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const VECTORS: &str = include_str!("../../../09-second-gateway/vectors.json");
const MERCHANT: &str = "OGDEMO1";
const PATH: &str = "/othergw/notify";

/// The hints of the task's page.
const DOOR: u8 = 1;
const ENVELOPE: u8 = 2;
const FACTS: u8 = 3;
const NOT_ASKED: u8 = 4;

/// The gateway, as it signs.
struct Gateway<'t> {
    town: &'t Town,
    key: String,
}

impl Gateway<'_> {
    fn signature(&self, body: &str) -> Result<String> {
        let key = self.key.as_bytes();
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).context("no HMAC")?;
        mac.update(body.as_bytes());
        Ok(hex::encode(mac.finalize().into_bytes()))
    }

    /// Posts a body with a signature, whatever they are.
    async fn posts(&self, body: &str, signature: &str) -> Result<(u16, String)> {
        let url = format!("{}{PATH}", self.town.places.shop);
        let post = self.town.outside.post(url);
        let post = post.header("content-type", "application/json");
        let post = post.header("x-othergw-signature", signature);
        let answer = post.body(body.to_owned()).send().await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    /// Tells of a payment, well signed.
    async fn tells(&self, notice: &Value) -> Result<(u16, String)> {
        let body = notice.to_string();
        self.posts(&body, &self.signature(&body)?).await
    }
}

fn notice(no: &str, id: &str, amount: u32) -> Value {
    json!({
        "merchant": MERCHANT, "event": "payment.succeeded", "payment_id": id, "reference": no, "amount": amount,
        "currency": "TWD",
    })
}

fn ok() -> (u16, String) {
    (200, "OK".to_owned())
}

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let vectors: Value = serde_json::from_str(VECTORS)?;
    let key = vectors["key"].as_str().context("the vectors have no key")?;
    without_it(stage, judge).await?;
    let setup = Setup::demo()
        .env("OTHERGW_MERCHANT_ID", MERCHANT)
        .env("OTHERGW_KEY", key);
    let town = Town::open(stage, setup).await?;
    let gateway = Gateway {
        town: &town,
        key: key.to_owned(),
    };
    let paid = genuine(&gateway, judge).await?;
    forged(&gateway, judge, &vectors).await?;
    well_signed_and_wrong(&gateway, judge).await?;
    delivers_nothing(&town, judge, &paid).await?;
    let sold = town.sells(&town.person("buyer2").await?, "tea").await?;
    judge.kept(
        "PAYUNi 照常：付款、核對、只交付一次",
        FACTS,
        &Seen::equal(&town.deliveries(&sold)?, &1),
    );
    let seen = Seen::that(
        !town.logged().contains(key),
        "紀錄裡沒有金鑰",
        "紀錄裡有金鑰",
    );
    judge.kept("金鑰不出現在紀錄裡", ENVELOPE, &seen);
    town.audited_alone(judge).await?;
    Ok(())
}

/// A shop that has no second gateway has no such address.
async fn without_it(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let town = Town::open(stage, Setup::demo()).await?;
    let gateway = Gateway {
        town: &town,
        key: "k".repeat(32),
    };
    let (status, _) = gateway.tells(&notice("X", "pay_0", 1)).await?;
    judge.kept(
        "沒有設定第二家的商店，沒有這個網址",
        DOOR,
        &Seen::equal(&status, &404),
    );
    Ok(())
}

/// A genuine notice, and the same again: one fact. Its order.
async fn genuine(gateway: &Gateway<'_>, judge: &mut Judge) -> Result<String> {
    let town = gateway.town;
    let buyer = town.person("buyer1").await?;
    let no = buyer.checks_out("tea", 1).await?.order_no;
    let told = notice(&no, "pay_genuine", 680);
    let answer = gateway.tells(&told).await?;
    judge.goal("真的通知收下，回 OK", DOOR, &Seen::equal(&answer, &ok()));
    judge.goal(
        "訂單變成已付款",
        FACTS,
        &Seen::equal(&town.status(&no)?, &"paid"),
    );
    let paid = "SELECT COALESCE(SUM(amount), 0) FROM payments WHERE order_no = ?1";
    judge.goal(
        "帳本記下付款 680 元",
        FACTS,
        &Seen::equal(&town.counts(paid, &no)?, &680),
    );
    let mut again = Vec::new();
    for _ in 0..3 {
        again.push(gateway.tells(&told).await?);
    }
    judge.goal(
        "同一則重送三次，都回 OK",
        FACTS,
        &Seen::equal(&again, &vec![ok(); 3]),
    );
    let facts = "SELECT count(*) FROM facts WHERE kind = 'paid' AND order_no = ?1";
    judge.goal(
        "說了四次，事實只有一筆",
        FACTS,
        &Seen::equal(&town.counts(facts, &no)?, &1),
    );
    let said = town.runs(&["orders", "--json", &no])?;
    let rows: Value = serde_json::from_str(&said.output)?;
    judge.goal(
        "jinliu orders --json 說是 othergw 的付款",
        FACTS,
        &Seen::equal(&rows[0]["gateway"].as_str().unwrap_or_default(), &"othergw"),
    );
    Ok(no)
}

/// Whatever its signature is not of is refused and changes nothing.
async fn forged(gateway: &Gateway<'_>, judge: &mut Judge, vectors: &Value) -> Result<()> {
    let town = gateway.town;
    let no = town
        .person("buyer1")
        .await?
        .checks_out("tea", 1)
        .await?
        .order_no;
    let body = notice(&no, "pay_forged", 680).to_string();
    let good = gateway.signature(&body)?;
    let other = gateway.signature(&format!("{body} "))?;
    let cut = body.get(..body.len() - 1).unwrap_or_default();
    for (what, body, signature) in [
        ("偽造的簽章", body.as_str(), other.as_str()),
        ("被截斷的通知", cut, good.as_str()),
        ("沒有簽章", body.as_str(), ""),
    ] {
        let (status, _) = gateway.posts(body, signature).await?;
        judge.goal(
            &format!("{what}：拒絕（401）"),
            ENVELOPE,
            &Seen::equal(&status, &401),
        );
    }
    judge.kept(
        "被拒絕的通知什麼都沒改變",
        ENVELOPE,
        &Seen::equal(&town.status(&no)?, &"pending"),
    );
    let mut let_through = Vec::new();
    for vector in vectors["vectors"].as_array().into_iter().flatten() {
        let text = |name: &str| vector[name].as_str().unwrap_or_default();
        if text("reads") == "signature" {
            let (status, _) = gateway.posts(text("body"), text("signature")).await?;
            if status != 401 {
                let_through.push(format!("{}：{status}", text("name")));
            }
        }
    }
    let seen = Seen::that(
        let_through.is_empty(),
        "每一則都是 401",
        format!("{let_through:?}"),
    );
    judge.goal("向量檔裡簽章不對的六則全部拒絕", ENVELOPE, &seen);
    // What PAYUNi's envelope is good for counts for nothing here, and the other way round.
    let payuni = format!("{}/payuni/notify", town.places.shop);
    let post = town
        .outside
        .post(payuni)
        .header("content-type", "application/json");
    let status = post.body(body).send().await?.status().as_u16();
    let seen = Seen::that((400..500).contains(&status), "4xx", status);
    judge.kept("第二家的通知送到 PAYUNi 的網址，不收", DOOR, &seen);
    Ok(())
}

/// Signed, and yet not about this order, this amount, this merchant, or not a result at all.
async fn well_signed_and_wrong(gateway: &Gateway<'_>, judge: &mut Judge) -> Result<()> {
    let town = gateway.town;
    let buyer = town.person("buyer1").await?;
    let cheap = buyer.checks_out("tea", 1).await?.order_no;
    let answer = gateway.tells(&notice(&cheap, "pay_cheap", 679)).await?;
    judge.goal(
        "少一元、簽章有效：收下，等人看",
        FACTS,
        &Seen::equal(
            &(answer, town.status(&cheap)?),
            &(ok(), "review".to_owned()),
        ),
    );
    let odd = buyer.checks_out("tea", 1).await?.order_no;
    let mut word = notice(&odd, "pay_odd", 680);
    word["event"] = json!("payment.reviewing");
    let answer = gateway.tells(&word).await?;
    judge.goal(
        "沒見過的事件：收下，等人看，不當成已付款",
        FACTS,
        &Seen::equal(&(answer, town.status(&odd)?), &(ok(), "review".to_owned())),
    );
    let theirs = buyer.checks_out("tea", 1).await?.order_no;
    let mut merchant = notice(&theirs, "pay_theirs", 680);
    merchant["merchant"] = json!("SOMEBODY");
    let answer = gateway.tells(&merchant).await?;
    let listed = "SELECT count(*) FROM exceptions WHERE code = 'L3.merchant' AND subject = ?1";
    judge.goal(
        "別家商店的付款：收下，列給人看（L3.merchant）",
        FACTS,
        &Seen::equal(&(answer, town.counts(listed, &theirs)?), &(ok(), 1)),
    );
    judge.kept(
        "別家商店的付款不算在我們的訂單上",
        FACTS,
        &Seen::equal(&town.status(&theirs)?, &"pending"),
    );
    let mut text = notice(&theirs, "pay_text", 680);
    text["amount"] = json!("680");
    let (status, _) = gateway.tells(&text).await?;
    let seen = Seen::that(status == 400 || status == 422, "400 或 422", status);
    judge.goal("金額寫成字串：拒絕", ENVELOPE, &seen);
    Ok(())
}

/// Nobody can be asked about it, so nothing is delivered; and PAYUNi, which knows nothing, does not get to contradict.
async fn delivers_nothing(town: &Town, judge: &mut Judge, paid: &str) -> Result<()> {
    let mut statuses = Vec::new();
    // After so many denials the order would wait for a person.
    for _ in 0..7 {
        town.runs(&["reconcile", "--json"])?;
        statuses.push(town.status(paid)?);
    }
    statuses.dedup();
    judge.goal(
        "查詢七次之後，訂單仍停在已付款",
        NOT_ASKED,
        &Seen::equal(&statuses, &["paid"]),
    );
    judge.kept(
        "沒有確認過的付款不交付",
        NOT_ASKED,
        &Seen::equal(&town.deliveries(paid)?, &0),
    );
    let sql = "SELECT COALESCE(SUM(denials), 0) FROM attempts WHERE attempt_no = ?1";
    judge.goal(
        "商店沒有拿這筆付款去問 PAYUNi，PAYUNi 也就沒有否認",
        NOT_ASKED,
        &Seen::equal(
            &(town.counts(sql, paid)?, town.status(paid)?),
            &(0, "paid".to_owned()),
        ),
    );
    Ok(())
}
