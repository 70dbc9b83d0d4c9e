//! The page that takes the buyer to the gateway: one form, posted by script or by its button.

use std::fmt;

use askama::Template;

use crate::shell::Shell;
use crate::text::Text;

/// The sealed form for the gateway.
#[derive(Clone)]
pub struct HandoverView {
    /// Our order number, for people.
    pub order_no: String,
    /// Amount due, for people.
    pub amount_text: String,
    /// Where the form is posted.
    pub gateway_url: String,
    /// Hidden fields in the gateway's order.
    pub fields: Vec<(String, String)>,
}

impl fmt::Debug for HandoverView {
    /// Leaves the sealed fields out: a log is no place for them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandoverView")
            .field("order_no", &self.order_no)
            .field("gateway_url", &self.gateway_url)
            .finish_non_exhaustive()
    }
}

#[derive(Template)]
#[template(path = "handover.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a HandoverView,
}

/// Renders the handover. It has exactly one form, and no other way out but the order's page.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn handover(shell: &Shell, view: &HandoverView) -> Result<String, askama::Error> {
    Page {
        shell,
        t: shell.text(),
        v: view,
    }
    .render()
}
