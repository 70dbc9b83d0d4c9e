//! What the owner does in the back office: asks for refunds, agrees to them.

use crate::{
    page::{Fields, form_to},
    shopper::{Page, Shopper},
    town::PaidOrder,
};
use anyhow::{Context, Result};

/// A refund that somebody wants.
pub(crate) struct Wish<'a> {
    order_no: &'a str,
    amount: u32,
    reason: &'a str,
    note: &'a str,
}

impl<'a> Wish<'a> {
    /// All of an order with one payment. `reason` is the value of the form's choice.
    pub(crate) fn whole(paid: &'a PaidOrder, amount: u32, reason: &'a str, note: &'a str) -> Self {
        Self {
            order_no: &paid.order_no,
            amount,
            reason,
            note,
        }
    }

    /// Asks for it with the form of the order's page in the back office.
    pub(crate) async fn asked_by(&self, person: &Shopper) -> Result<Page> {
        let path = format!("/admin/orders/{}", self.order_no);
        let page = person.opens(&path).await?;
        let to = format!("{path}/refunds");
        let mut form = form_to(&page.body, &to).context("the page has no form for a refund")?;
        for (name, value) in [
            ("amount", self.amount.to_string()),
            ("reason", self.reason.to_owned()),
            ("note", self.note.to_owned()),
        ] {
            form.insert(name.to_owned(), value);
        }
        person.posts(&to, &form).await
    }
}

/// Agrees to a refund; `None` where the order's page offers no button for it.
pub(crate) async fn agrees(
    person: &Shopper,
    order_no: &str,
    refund_no: &str,
) -> Result<Option<Page>> {
    let page = person.opens(&format!("/admin/orders/{order_no}")).await?;
    let to = format!("/admin/refunds/{refund_no}/approve");
    match form_to(&page.body, &to) {
        Some(form) => Ok(Some(person.posts(&to, &form).await?)),
        None => Ok(None),
    }
}

/// Posts the agreement past the page, as somebody would who knows the address.
pub(crate) async fn agrees_past_the_page(person: &Shopper, refund_no: &str) -> Result<Page> {
    let page = person.opens("/admin").await?;
    let csrf = form_to(&page.body, "/auth/logout").unwrap_or_default();
    let form: Fields = csrf
        .into_iter()
        .filter(|(name, _)| name == "csrf")
        .collect();
    person
        .posts(&format!("/admin/refunds/{refund_no}/approve"), &form)
        .await
}
