//! Changing the gateway's keys loses no notice, and the old ones end when they were said to.

use crate::{
    evidence::{paid_card, sealed_by},
    shopper::{Town, until},
};
use jiff::{SignedDuration, Timestamp};
use payuni::Merchant;

const OLD_KEY: &str = "jinliu-old-payuni-hash-key-00001";
const OLD_IV: &str = "jinliu-old-iv-01";

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_before_open_what_was_under_way_and_no_longer() {
    // An hour of the shop's is six seconds here.
    let end = Timestamp::now() + SignedDuration::from_hours(1);
    let town = Town::planned(|plan| {
        plan.rate = 600;
        for (name, value) in [
            ("PAYUNI_PREVIOUS_HASH_KEY", OLD_KEY.to_owned()),
            ("PAYUNI_PREVIOUS_HASH_IV", OLD_IV.to_owned()),
            ("PAYUNI_PREVIOUS_UNTIL", end.to_string()),
        ] {
            plan.env.insert(name.to_owned(), value);
        }
    })
    .await;
    let buyer = town.shopper("buyer1").await;
    let old = Merchant::parse(payuni_sim::DEMO_MER_ID, OLD_KEY, OLD_IV).unwrap();
    let (first, second) = (buyer.checks_out().await, buyer.checks_out().await);
    let amount = town
        .book(&first.order_no)
        .await
        .order()
        .amount
        .dollars()
        .to_string();
    let notice = |no: &str, trade: &str| sealed_by(&old, &paid_card(no, trade, &amount));
    let told = town.tells(&notice(&first.order_no, "OLD1")).await;
    assert_eq!((told.status, told.body.as_str()), (200, "OK"));
    assert_eq!(town.status(&first.order_no).await, "paid");
    // What we send is sealed with the new ones: PAYUNi takes it.
    let paid = buyer.pays(&second, "card").await;
    town.becomes(&paid.order_no, "fulfilled").await;
    let clock = &town.world.shop.app.clock;
    until("the grace is over", async || clock.now() >= end).await;
    let late = town.tells(&notice(&first.order_no, "OLD2")).await;
    assert_eq!((late.status, late.body.as_str()), (401, "not authentic\n"));
}
