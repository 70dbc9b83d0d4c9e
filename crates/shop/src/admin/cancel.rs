//! Cancelling an order that nobody paid, with a reason.

use super::{
    enter::{actor, enter, enter_with},
    hindered::{Hindered, count, freshly, reason_of},
    order::page,
};
use crate::{
    asked::{Asked, see},
    form::Form,
    session::Signed,
};
use axum::{body::Bytes, extract::Path, response::Response};
use orders::OrderNo;
use pages::Problem;

/// `POST /admin/orders/{order_no}/cancel`: ends the offer. Money that comes all the same waits for a person, as any that
/// is late.
pub(crate) async fn cancel(asked: Asked, Path(no): Path<String>, body: Bytes) -> Response {
    let result = async {
        enter(&asked).await?;
        let form = Form::read(&body, &["csrf", "reason"])?;
        let signed = enter_with(&asked, &form).await?;
        let no: OrderNo = no.parse().map_err(|_| Problem::NotFound)?;
        match end(&asked, signed, &no, &form).await {
            Ok(()) => Ok(see(&format!("/admin/orders/{no}"))),
            Err(Hindered::Trouble(trouble)) => {
                count(&asked.app, &trouble);
                page(&asked, signed, &no, Some(trouble), None).await
            }
            Err(Hindered::Failed(failure)) => Err(failure),
        }
    }
    .await;
    asked.answer(result)
}

async fn end(asked: &Asked, signed: &Signed, no: &OrderNo, form: &Form) -> Result<(), Hindered> {
    let app = &asked.app;
    freshly(app, signed)?;
    let (reason, now) = (reason_of(form)?, app.clock.now());
    app.ledger
        .cancel_order(no, reason, actor(app, signed), now)
        .await?;
    tracing::info!(order = %no, "an order was cancelled in the back office");
    app.wake.notify_waiters();
    Ok(())
}
