//! Doors for the fuzzer in `proof/fuzz`, behind the feature `fuzzing`: readers that only a request or a start reaches.

use crate::{flow::step_1_sign_in, form::Form, settings};

/// A form's fields by name, or `None` where it is refused.
#[must_use]
pub fn form(body: &[u8], names: &[&str]) -> Option<Vec<(String, String)>> {
    let form = Form::read(&axum::body::Bytes::copy_from_slice(body), names).ok()?;
    let read = names.iter().filter_map(|name| {
        let value = form.find(name)?;
        Some(((*name).to_owned(), value.to_owned()))
    });
    Some(read.collect())
}

/// Where a sign-in may lead back to.
#[must_use]
pub fn local_path(wanted: &str) -> String {
    step_1_sign_in::local_path(wanted)
}

/// The variables of a `.env` file's text, and how many faults it has.
#[must_use]
pub fn dotenv(text: &str) -> (Vec<(&'static str, String)>, usize) {
    settings::dotenv_text(text)
}
