//! A page whose content another room of the house has made.

use askama::Template;

/// Why a page could not be rendered, which plain strings do not give cause for.
pub use askama::Error as RenderError;

use crate::shell::Shell;
use crate::text::Text;

/// A page around something that is HTML already.
#[derive(Clone, Copy, Debug)]
pub struct FrameView<'a> {
    /// Its title, without the shop's name.
    pub title: &'a str,
    /// The address of a style sheet of its own, after the shop's.
    pub style: &'a str,
    /// The address of a script of its own; empty where it has none.
    pub script: &'a str,
    /// The page's `<main id="main">`, as HTML. Whoever gives it has escaped what others wrote.
    pub main: &'a str,
}

#[derive(Template)]
#[template(path = "frame.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a FrameView<'a>,
}

/// Renders a page around what another room has made.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn frame(shell: &Shell, view: &FrameView<'_>) -> Result<String, askama::Error> {
    Page {
        shell,
        t: shell.text(),
        v: view,
    }
    .render()
}
