//! The whole flow over HTTP against the sandbox: ways to pay, ways to be told, money that goes astray, the checkout, sign-in.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/evidence.rs"]
mod evidence;
#[path = "support/shopper.rs"]
mod shopper;

#[path = "journeys/astray.rs"]
mod astray;
#[path = "journeys/back_office.rs"]
mod back_office;
#[path = "journeys/cancelled.rs"]
mod cancelled;
#[path = "journeys/cases.rs"]
mod cases;
#[path = "journeys/checkout.rs"]
mod checkout;
#[path = "journeys/explorer.rs"]
mod explorer;
#[path = "journeys/forged.rs"]
mod forged;
#[path = "journeys/laboratory.rs"]
mod laboratory;
#[path = "journeys/learn.rs"]
mod learn_room;
#[path = "journeys/methods.rs"]
mod methods;
#[path = "journeys/refunds.rs"]
mod refunds;
#[path = "journeys/rotation.rs"]
mod rotation;
#[path = "journeys/sign_in.rs"]
mod sign_in;
#[path = "journeys/told_or_asked.rs"]
mod told_or_asked;
#[path = "journeys/unreliable.rs"]
mod unreliable;

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
    town.is_settled_once(&sealed.order_no).await;
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
