//! Paper and pens: the few shapes that the diagrams are made of.
//!
//! Each shape has its light colour as an attribute, so that it is right where no style is allowed, and a class by
//! which the style for dark pages finds it. There are no ids, so that many drawings may stand in one page.

use std::fmt::Write as _;

use crate::{
    Drawing,
    measure::width,
    model::{Line, Tongue},
};

/// The width of every drawing, in pixels: a phone's.
pub(crate) const WIDTH: i32 = 420;
/// Free on each side.
pub(crate) const MARGIN: i32 = 14;

/// A colour by its purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pen {
    /// The paper.
    Paper,
    /// A raised surface.
    Card,
    /// Text and arrows.
    Ink,
    /// Remarks.
    Muted,
    /// Frames and lanes.
    Rule,
    /// What is turned away.
    Stop,
    /// A line of defence.
    Of(Line),
    /// Text on a line's or the stop sign's colour.
    On,
}

impl Pen {
    fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Card => "card",
            Self::Ink => "ink",
            Self::Muted => "muted",
            Self::Rule => "rule",
            Self::Stop => "stop",
            Self::Of(Line::Edge) => "l1",
            Self::Of(Line::Authenticity) => "l2",
            Self::Of(Line::Meaning) => "l3",
            Self::Of(Line::State) => "l4",
            Self::Of(Line::Confirmation) => "l5",
            Self::On => "on",
        }
    }

    fn light(self) -> &'static str {
        match self {
            Self::Paper | Self::On => "#ffffff",
            Self::Card => "#f1f3f8",
            Self::Ink => "#1b202e",
            Self::Muted => "#565d70",
            Self::Rule => "#c3c8d4",
            Self::Stop => "#a32a1c",
            Self::Of(Line::Edge) => "#2f55c4",
            Self::Of(Line::Authenticity) => "#0a6e7f",
            Self::Of(Line::Meaning) => "#8f5200",
            Self::Of(Line::State) => "#8436ad",
            Self::Of(Line::Confirmation) => "#1f7040",
        }
    }
}

/// The rules that turn a drawing dark; each drawing brings them along, and a page that shows many may serve them
/// once in its own style sheet.
pub const DARK_CSS: &str = "@media (prefers-color-scheme:dark){\
.f-paper{fill:#1a1e29}.f-card{fill:#252a38}.f-ink{fill:#eceef5}.f-muted{fill:#a7aec0}.f-rule{fill:#4a5164}.f-stop{fill:#ffab9c}\
.f-l1{fill:#9db4ff}.f-l2{fill:#6fd3e3}.f-l3{fill:#f3c978}.f-l4{fill:#e0a8ff}.f-l5{fill:#86dcae}.f-on{fill:#11141d}\
.s-paper{stroke:#1a1e29}.s-card{stroke:#252a38}.s-ink{stroke:#eceef5}.s-muted{stroke:#a7aec0}.s-rule{stroke:#4a5164}.s-stop{stroke:#ffab9c}\
.s-l1{stroke:#9db4ff}.s-l2{stroke:#6fd3e3}.s-l3{stroke:#f3c978}.s-l4{stroke:#e0a8ff}.s-l5{stroke:#86dcae}.s-on{stroke:#11141d}}";

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stroke {
    Thin,
    Heavy,
    Dashed,
    Double,
}

/// A point, in pixels from the upper left.
pub(crate) type At = (i32, i32);

/// A box, by its upper left corner, width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: i32,
    pub(crate) y: i32,
    pub(crate) w: i32,
    pub(crate) h: i32,
}

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    Start,
    Middle,
}

/// A sheet on which shapes are laid one over another.
#[derive(Default)]
pub(crate) struct Sheet {
    shapes: String,
}

impl Sheet {
    fn put(&mut self, shape: std::fmt::Arguments<'_>) {
        // A String takes whatever is written to it.
        if self.shapes.write_fmt(shape).is_ok() {
            self.shapes.push('\n');
        }
    }

    /// Lays another sheet on top.
    pub(crate) fn lay(&mut self, other: &Self) {
        self.shapes.push_str(&other.shapes);
    }

    /// A filled box, with a frame where a pen is given.
    pub(crate) fn area(&mut self, area: Area, round: i32, fill: Pen, frame: Option<(Pen, Stroke)>) {
        let Area { x, y, w, h } = area;
        let (name, color) = (fill.name(), fill.light());
        match frame {
            None => self.put(format_args!(
                r#"<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{round}" fill="{color}" class="f-{name}"/>"#
            )),
            Some((pen, stroke)) => self.put(format_args!(
                r#"<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{round}" fill="{color}" stroke="{}"{} class="f-{name} s-{}"/>"#,
                pen.light(),
                attributes(stroke),
                pen.name()
            )),
        }
    }

    /// A text on its baseline.
    pub(crate) fn text(&mut self, at: At, text: &str, size: i32, pen: Pen, hold: Hold, bold: bool) {
        let (x, y) = at;
        let anchor = match hold {
            Hold::Start => "",
            Hold::Middle => r#" text-anchor="middle""#,
        };
        let weight = if bold { r#" font-weight="600""# } else { "" };
        self.put(format_args!(
            r#"<text x="{x}" y="{y}" font-size="{size}"{weight}{anchor} fill="{}" class="f-{}">{}</text>"#,
            pen.light(),
            pen.name(),
            escape(text)
        ));
    }

    /// A way through points.
    pub(crate) fn way(&mut self, points: &[At], pen: Pen, stroke: Stroke) {
        let mut drawn = String::new();
        for (n, (x, y)) in points.iter().enumerate() {
            let step = if n == 0 { 'M' } else { 'L' };
            drawn.push_str(&format!("{step}{x} {y}"));
        }
        let (color, name) = (pen.light(), pen.name());
        self.put(format_args!(
            r#"<path d="{drawn}" fill="none" stroke="{color}"{} stroke-linejoin="round" class="s-{name}"/>"#,
            attributes(stroke)
        ));
        if stroke == Stroke::Double {
            // The paper's colour inside a broad line leaves two.
            self.put(format_args!(
                r#"<path d="{drawn}" fill="none" stroke="{}" stroke-width="2" stroke-linejoin="round" class="s-paper"/>"#,
                Pen::Paper.light()
            ));
        }
    }

    /// A full circle.
    pub(crate) fn dot(&mut self, at: At, radius: i32, pen: Pen) {
        let (x, y) = at;
        self.put(format_args!(
            r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{}" class="f-{}"/>"#,
            pen.light(),
            pen.name()
        ));
    }

    /// The head of an arrow that goes right or left and ends at a point.
    pub(crate) fn head(&mut self, at: At, right: bool, pen: Pen) {
        let (x, y) = at;
        let back = if right { x - 10 } else { x + 10 };
        self.put(format_args!(
            r#"<path d="M{x} {y}L{back} {}L{back} {}Z" fill="{}" class="f-{}"/>"#,
            y - 5,
            y + 5,
            pen.light(),
            pen.name()
        ));
    }

    /// A stop sign: an octagon with a bar.
    pub(crate) fn stop(&mut self, at: At) {
        let (x, y) = at;
        self.put(format_args!(
            r#"<path d="M{} {}h8l6 6v8l-6 6h-8l-6 -6v-8z" fill="{}" class="f-stop"/>"#,
            x - 4,
            y - 10,
            Pen::Stop.light()
        ));
        let area = Area {
            x: x - 6,
            y: y - 2,
            w: 12,
            h: 4,
        };
        self.area(area, 1, Pen::On, None);
    }

    /// Wraps the shapes into a drawing of that height.
    pub(crate) fn finish(self, title: &str, alt: &str, height: i32) -> Drawing {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
             font-family=\"system-ui,-apple-system,'Segoe UI',Roboto,'PingFang TC','Noto Sans TC','Noto Sans CJK TC','Microsoft JhengHei',sans-serif\">\n\
             <title>{}</title>\n<desc>{}</desc>\n<style>{DARK_CSS}</style>\n{}</svg>\n",
            escape(title),
            escape(alt),
            self.shapes
        );
        Drawing {
            svg,
            width: WIDTH,
            height,
        }
    }
}

fn attributes(stroke: Stroke) -> &'static str {
    match stroke {
        Stroke::Thin => r#" stroke-width="1.5""#,
        Stroke::Heavy => r#" stroke-width="3""#,
        Stroke::Dashed => r#" stroke-width="2" stroke-dasharray="6 5""#,
        Stroke::Double => r#" stroke-width="6""#,
    }
}

/// A small label with a frame of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// A line of defence.
    Line(Line),
    /// Who could have said it, in a frame of that style.
    Trust(crate::Trust),
    /// Turned away.
    Refused,
    /// When.
    Time(String),
}

/// The height of a row of tags.
pub(crate) const TAG_ROW: i32 = 26;
const TAG_SIZE: i32 = 13;

impl Tag {
    fn words(&self, tongue: Tongue) -> String {
        match (self, tongue) {
            (Self::Line(line), Tongue::ZhTw) => {
                format!("第 {} 關 {}", line.number(), line.name(tongue))
            }
            (Self::Line(line), Tongue::En) => {
                format!("line {} {}", line.number(), line.name(tongue))
            }
            (Self::Trust(trust), _) => trust.word(tongue).to_owned(),
            (Self::Refused, _) => tongue.of("擋下", "refused").to_owned(),
            (Self::Time(time), _) => time.clone(),
        }
    }

    pub(crate) fn width(&self, tongue: Tongue) -> i32 {
        let frame = match self {
            Self::Line(_) | Self::Trust(_) | Self::Refused => 18,
            Self::Time(_) => 4,
        };
        width(&self.words(tongue), TAG_SIZE) + frame
    }

    /// Draws it with its upper left corner at a point.
    pub(crate) fn draw(&self, sheet: &mut Sheet, at: At, tongue: Tongue) {
        let (x, y) = at;
        let w = self.width(tongue);
        let area = Area { x, y, w, h: 21 };
        let (fill, frame, pen) = match self {
            Self::Line(line) => (Pen::Of(*line), None, Pen::On),
            Self::Trust(crate::Trust::Forgeable) => {
                (Pen::Paper, Some((Pen::Muted, Stroke::Dashed)), Pen::Ink)
            }
            Self::Trust(crate::Trust::Signed | crate::Trust::Asked) => {
                (Pen::Paper, Some((Pen::Muted, Stroke::Thin)), Pen::Ink)
            }
            Self::Refused => (Pen::Stop, None, Pen::On),
            Self::Time(_) => (Pen::Paper, None, Pen::Muted),
        };
        let round = if matches!(self, Self::Refused) { 4 } else { 10 };
        sheet.area(area, round, fill, frame);
        let bold = matches!(self, Self::Line(_) | Self::Refused);
        let middle = (x + w / 2, y + 15);
        sheet.text(
            middle,
            &self.words(tongue),
            TAG_SIZE,
            pen,
            Hold::Middle,
            bold,
        );
    }
}

/// Text that may stand between tags and in attributes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
