//! What people see: the index with its faults, and the spreadsheet.

mod index;
mod sheet;

pub(crate) use index::{index, panel};
pub(crate) use sheet::{edit_cell, edit_rows, sheet, sort};

use axum::http::StatusCode;
use axum::response::Response;

use crate::respond;

/// The style sheet of all pages.
pub(crate) async fn style() -> Response {
    respond::file(
        "text/css; charset=utf-8",
        include_str!("../assets/sandbox.css"),
    )
}

/// The sign of all pages in a browser's tab.
pub(crate) async fn icon() -> Response {
    respond::file("image/svg+xml", include_str!("../assets/icon.svg"))
}

fn render(status: StatusCode, template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(html) => respond::page(status, html),
        Err(why) => {
            tracing::error!(%why, "a page of the Google sandbox could not be rendered");
            respond::page(
                StatusCode::INTERNAL_SERVER_ERROR,
                "<p>這個頁面無法顯示。</p>".to_owned(),
            )
        }
    }
}
