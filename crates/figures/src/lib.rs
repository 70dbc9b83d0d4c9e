//! The diagrams: who says what to whom, and who is believed. Plain values in, SVG out; the same input gives the same
//! bytes.
//!
//! A [`Sequence`] is a conversation in time; it may come from a TOML file of the book or from a real run of the shop.
//! [`Zones`] are the rooms that trust divides. Both are drawn narrow, so that they are readable on a phone, in light
//! and in dark by `prefers-color-scheme`, which holds inside `<img>` too. Trust is told by the style of a line and by
//! a word, never by colour alone.
//!
//! Coordinates are whole pixels of the drawing. Widths of text are estimated, since nothing here knows a font.

mod measure;
mod model;
mod paint;
mod read;
mod sequence;
mod zones;

pub use model::{Arrow, Hop, Line, NotDrawable, Sequence, Tongue, Trust, Zone, ZoneTrust, Zones};
pub use paint::DARK_CSS;
pub use read::{Figure, ReadError};

/// A drawing, ready to be written to a file or a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// The SVG. Stands alone: it has its own colours for light and dark.
    pub svg: String,
    /// Its width in pixels.
    pub width: i32,
    /// Its height in pixels.
    pub height: i32,
}

impl Drawing {
    /// The drawing without its own style, for a page whose policy allows none: that page serves [`DARK_CSS`] itself.
    #[must_use]
    pub fn inline(&self) -> String {
        self.svg
            .replacen(&format!("<style>{DARK_CSS}</style>\n"), "", 1)
    }
}
