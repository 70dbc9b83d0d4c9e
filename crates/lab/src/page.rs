//! What every page of the laboratory shares.

use crate::{assets::css_url, words::Words};
use askama::Template;
use pages::{FrameView, RenderError, Shell};

/// A page around its main part.
pub(crate) fn framed(
    shell: &Shell,
    title: &str,
    main: &impl Template,
) -> Result<String, RenderError> {
    let words = Words::of(shell.lang);
    let title = format!("{title}｜{}", words.t("lab"));
    let main = main.render()?;
    let view = FrameView {
        title: &title,
        style: &css_url(),
        script: "",
        main: &main,
    };
    pages::frame(shell, &view)
}

#[derive(Template)]
#[template(path = "busy.html")]
struct Busy<'a> {
    w: &'static Words,
    back: &'a str,
}

/// So many attacks are being played that this one has to wait.
///
/// # Errors
/// A page that cannot be rendered.
pub fn busy(shell: &Shell, back: &str) -> Result<String, RenderError> {
    let w = Words::of(shell.lang);
    framed(shell, w.t("busy"), &Busy { w, back })
}
