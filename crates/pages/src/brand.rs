//! A shop's colours, refused where people could not read them.

use std::fmt;

use serde::Deserialize;
use thiserror::Error;

/// An opaque sRGB colour, written `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

impl Color {
    const WHITE: Self = Self::new(255, 255, 255);
    const NIGHT: Self = Self::new(15, 18, 28);

    const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// Reads `#rrggbb`; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let channel = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self::new(channel(0)?, channel(2)?, channel(4)?))
    }

    /// Mixes `percent` of `other` into this colour.
    fn mixed(self, other: Self, percent: u16) -> Self {
        let mix = |a: u8, b: u8| {
            let sum = u16::from(a) * (100 - percent) + u16::from(b) * percent;
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        Self::new(
            mix(self.red, other.red),
            mix(self.green, other.green),
            mix(self.blue, other.blue),
        )
    }

    /// Returns the contrast with another colour, in hundredths (450 is 4.5:1), as WCAG 2.2 defines it.
    #[must_use]
    #[expect(
        clippy::float_arithmetic,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "WCAG defines luminance on reals; the ratio lies between 1 and 21"
    )]
    pub fn contrast(self, other: Self) -> u32 {
        let linear = |channel: u8| {
            let c = f64::from(channel) / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        };
        let luminance =
            |c: Self| 0.2126 * linear(c.red) + 0.7152 * linear(c.green) + 0.0722 * linear(c.blue);
        let (a, b) = (luminance(self), luminance(other));
        ((a.max(b) + 0.05) / (a.min(b) + 0.05) * 100.0) as u32
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

/// Colours as a person writes them in `jinliu.toml`; what is absent keeps the default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandSpec {
    /// Buttons, links and marks on the light page.
    pub accent: Option<String>,
    /// The same on the dark page.
    pub accent_dark: Option<String>,
    /// The light page itself.
    pub paper: Option<String>,
    /// The dark page itself.
    pub paper_dark: Option<String>,
}

/// Why colours were refused: what is wrong, with the cure.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BrandFault {
    /// Not `#rrggbb`.
    #[error("look.{name} is `{value}`; write it as six hex digits, for example #28409c")]
    NotAColor {
        /// The setting.
        name: &'static str,
        /// What it said.
        value: String,
    },
    /// Not readable on its background.
    #[error(
        "look.{name} {color} on {background} has a contrast of {}.{:02}:1; people need at least 4.5:1. {cure}",
        .hundredths / 100, .hundredths % 100
    )]
    Contrast {
        /// The setting.
        name: &'static str,
        /// The colour that was refused.
        color: Color,
        /// The background it stands on.
        background: Color,
        /// Contrast in hundredths.
        hundredths: u32,
        /// What to do.
        cure: &'static str,
    },
}

/// A shop's colours, each readable on what it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    accent: Color,
    accent_dark: Color,
    paper: Color,
    paper_dark: Color,
}

impl Default for Brand {
    fn default() -> Self {
        Self {
            accent: Color::new(0x28, 0x40, 0x9c),
            accent_dark: Color::new(0xa9, 0xba, 0xff),
            paper: Color::new(0xf6, 0xf7, 0xf9),
            paper_dark: Color::new(0x11, 0x14, 0x1d),
        }
    }
}

/// Text on the light and on the dark page; fixed, so that only backgrounds need to be tested.
const INK: Color = Color::new(0x1b, 0x20, 0x2e);
const MUTED: Color = Color::new(0x56, 0x5d, 0x70);
const INK_DARK: Color = Color::new(0xec, 0xee, 0xf5);
const MUTED_DARK: Color = Color::new(0xa7, 0xae, 0xc0);
/// WCAG 2.2 AA for text, in hundredths.
const READABLE: u32 = 450;

impl Brand {
    /// Reads the colours of `jinliu.toml`.
    ///
    /// # Errors
    /// Names the first colour that is not one, or that cannot be read on its background.
    pub fn parse(spec: &BrandSpec) -> Result<Self, BrandFault> {
        let default = Self::default();
        let brand = Self {
            accent: pick("accent", spec.accent.as_deref(), default.accent)?,
            accent_dark: pick(
                "accent_dark",
                spec.accent_dark.as_deref(),
                default.accent_dark,
            )?,
            paper: pick("paper", spec.paper.as_deref(), default.paper)?,
            paper_dark: pick("paper_dark", spec.paper_dark.as_deref(), default.paper_dark)?,
        };
        let darker = "Choose a darker colour.";
        let lighter = "Choose a lighter colour.";
        readable("paper", MUTED, brand.paper, "Choose a lighter paper.")?;
        readable(
            "paper_dark",
            MUTED_DARK,
            brand.raised_dark(),
            "Choose a darker paper.",
        )?;
        readable("accent", brand.accent, brand.paper, darker)?;
        readable("accent", brand.accent, Color::WHITE, darker)?;
        readable("accent_dark", brand.accent_dark, brand.paper_dark, lighter)?;
        readable(
            "accent_dark",
            brand.accent_dark,
            brand.raised_dark(),
            lighter,
        )?;
        Ok(brand)
    }

    /// Cards on the dark page: a little lighter than the page.
    fn raised_dark(&self) -> Color {
        self.paper_dark.mixed(Color::WHITE, 6)
    }

    /// The colour of a phone's bars around the light page.
    #[must_use]
    pub fn paper(&self) -> Color {
        self.paper
    }

    /// The colour of a phone's bars around the dark page.
    #[must_use]
    pub fn paper_dark(&self) -> Color {
        self.paper_dark
    }

    /// Returns the style sheet that gives the pages these colours.
    #[must_use]
    pub fn css(&self) -> String {
        let on = |accent: Color| {
            if accent.contrast(Color::WHITE) >= accent.contrast(Color::NIGHT) {
                Color::WHITE
            } else {
                Color::NIGHT
            }
        };
        let colors = |accent: Color, paper: Color, raised: Color, ink: Color, muted: Color| {
            format!(
                "--accent:{accent};--on-accent:{};--accent-deep:{};--accent-soft:{};--paper:{paper};\
                 --raised:{raised};--ink:{ink};--muted:{muted};--line:{};--field:{}",
                on(accent),
                accent.mixed(ink, 22),
                raised.mixed(accent, 9),
                raised.mixed(ink, 13),
                raised.mixed(ink, 48),
            )
        };
        format!(
            ":root{{{}}}\n@media (prefers-color-scheme:dark){{:root{{{}}}}}\n@media print{{:root{{{}}}}}\n",
            colors(self.accent, self.paper, Color::WHITE, INK, MUTED),
            colors(
                self.accent_dark,
                self.paper_dark,
                self.raised_dark(),
                INK_DARK,
                MUTED_DARK
            ),
            colors(self.accent, Color::WHITE, Color::WHITE, INK, MUTED),
        )
    }
}

fn pick(name: &'static str, value: Option<&str>, default: Color) -> Result<Color, BrandFault> {
    match value {
        None => Ok(default),
        Some(text) => Color::parse(text).ok_or_else(|| BrandFault::NotAColor {
            name,
            value: text.chars().take(40).collect(),
        }),
    }
}

fn readable(
    name: &'static str,
    color: Color,
    background: Color,
    cure: &'static str,
) -> Result<(), BrandFault> {
    let hundredths = color.contrast(background);
    if hundredths >= READABLE {
        return Ok(());
    }
    Err(BrandFault::Contrast {
        name,
        color,
        background,
        hundredths,
        cure,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_agrees_with_the_values_everyone_knows() {
        let black = Color::new(0, 0, 0);
        assert_eq!(black.contrast(Color::WHITE), 2100);
        assert_eq!(Color::WHITE.contrast(Color::WHITE), 100);
        // #767676 is the lightest grey that passes AA on white, #777777 the first that does not.
        assert!(Color::parse("#767676").unwrap().contrast(Color::WHITE) >= READABLE);
        assert!(Color::parse("#777777").unwrap().contrast(Color::WHITE) < READABLE);
    }

    #[test]
    fn the_default_colours_pass_their_own_check() {
        assert_eq!(Brand::parse(&BrandSpec::default()), Ok(Brand::default()));
        assert!(INK.contrast(Brand::default().paper) >= 700);
        assert!(INK_DARK.contrast(Brand::default().raised_dark()) >= 700);
    }

    #[test]
    fn an_accent_nobody_can_read_is_refused_with_its_ratio_and_the_cure() {
        let fault = Brand::parse(&BrandSpec {
            accent: Some("#ffcc00".into()),
            ..BrandSpec::default()
        })
        .unwrap_err();
        let message = fault.to_string();
        assert!(message.contains("look.accent #ffcc00"), "{message}");
        assert!(message.contains("4.5:1"), "{message}");
        assert!(message.contains("darker"), "{message}");
        let dark = Brand::parse(&BrandSpec {
            accent_dark: Some("#28409c".into()),
            ..BrandSpec::default()
        });
        assert!(matches!(
            dark,
            Err(BrandFault::Contrast {
                name: "accent_dark",
                ..
            })
        ));
        let paper = Brand::parse(&BrandSpec {
            paper: Some("#888888".into()),
            ..BrandSpec::default()
        });
        assert!(matches!(
            paper,
            Err(BrandFault::Contrast { name: "paper", .. })
        ));
    }

    #[test]
    fn what_is_not_a_colour_never_reaches_the_style_sheet() {
        for bad in ["red", "#12345", "#1234567", "#12345g", "}body{}", "#é345"] {
            let fault = Brand::parse(&BrandSpec {
                accent: Some(bad.into()),
                ..BrandSpec::default()
            });
            assert!(
                matches!(fault, Err(BrandFault::NotAColor { name: "accent", .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn text_on_a_button_is_readable_for_any_accent_that_passes() {
        let css = Brand::parse(&BrandSpec {
            accent: Some("#8a1c4a".into()),
            accent_dark: Some("#ffb4d0".into()),
            ..BrandSpec::default()
        })
        .unwrap()
        .css();
        assert!(
            css.contains("--accent:#8a1c4a;--on-accent:#ffffff"),
            "{css}"
        );
        assert!(
            css.contains("--accent:#ffb4d0;--on-accent:#0f121c"),
            "{css}"
        );
    }
}
