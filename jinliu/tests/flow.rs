//! The whole flow over HTTP against the sandbox.

#[path = "support/shopper.rs"]
#[expect(dead_code, reason = "each test file uses the part it needs")]
mod shopper;

use shopper::Town;

#[tokio::test(flavor = "multi_thread")]
async fn a_card_payment_ends_fulfilled_and_in_the_sheet() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let paid = buyer.pays(&sealed, "card").await;
    let back = buyer.comes_back(&paid).await;
    assert_eq!(
        (back.status, back.location.as_deref()),
        (303, Some(format!("/orders/{}", sealed.order_no).as_str()))
    );
    town.becomes(&sealed.order_no, "fulfilled").await;
    shopper::until("the order's row says so", async || {
        let rows = town.tab("訂單").await;
        rows.iter()
            .filter(|row| row[0] == sealed.order_no)
            .map(|row| row[1].as_str())
            .eq(["已完成"])
    })
    .await;
    town.world.stop().await.unwrap();
}
