//! Draws a [`Sequence`]: lanes from top to bottom, hops in between, words above each arrow and remarks below it.

use crate::{
    Drawing,
    measure::{width, wrap},
    model::{Hop, Sequence, Tongue, Trust},
    paint::{Area, Hold, MARGIN, Pen, Sheet, Stroke, TAG_ROW, Tag, WIDTH},
};

const TITLE: i32 = 18;
const NAME: i32 = 14;
const SAYS: i32 = 16;
const SAYS_ROW: i32 = 22;
const NOTE: i32 = 13;
const NOTE_ROW: i32 = 18;
/// What the number before a hop's words takes.
const NUMBER: i32 = 26;
/// What may be written on.
const INNER: i32 = WIDTH - 2 * MARGIN;

impl Sequence {
    /// Draws it.
    #[must_use]
    pub fn draw(&self) -> Drawing {
        let mut hops = Sheet::default();
        let mut heads = Sheet::default();
        let mut y = MARGIN + 8;
        for line in wrap(&self.title, TITLE, INNER) {
            y += 16;
            heads.text((WIDTH / 2, y), &line, TITLE, Pen::Ink, Hold::Middle, true);
            y += 8;
        }
        y += 8;
        let top = y;
        y = self.names(&mut heads, top);
        let lanes_from = y;
        for (n, hop) in self.hops.iter().enumerate() {
            y = self.hop(&mut hops, n + 1, hop, y + 16);
        }
        let lanes_to = y + 14;
        let (key, height) = self.key(lanes_to + 8);

        let mut sheet = Sheet::default();
        let whole = Area {
            x: 0,
            y: 0,
            w: WIDTH,
            h: height,
        };
        sheet.area(whole, 14, Pen::Paper, None);
        for lane in 0..self.lanes.len() {
            let x = self.x(lane);
            sheet.way(&[(x, lanes_from), (x, lanes_to)], Pen::Rule, Stroke::Thin);
        }
        sheet.lay(&heads);
        sheet.lay(&hops);
        sheet.lay(&key);
        sheet.finish(&self.title, &self.alt, height)
    }

    /// The width of a lane.
    fn column(&self) -> i32 {
        INNER / count(self.lanes.len()).max(1)
    }

    /// The middle of a lane.
    fn x(&self, lane: usize) -> i32 {
        MARGIN + self.column() * count(lane) + self.column() / 2
    }

    /// The lanes' names in a row of boxes; where it ends.
    fn names(&self, sheet: &mut Sheet, top: i32) -> i32 {
        let room = self.column() - 8;
        let names: Vec<_> = self
            .lanes
            .iter()
            .map(|name| wrap(name, NAME, room - 10))
            .collect();
        let rows = count(names.iter().map(Vec::len).max().unwrap_or(1));
        let h = rows * 18 + 16;
        for (lane, lines) in names.iter().enumerate() {
            let x = self.x(lane);
            let area = Area {
                x: x - room / 2,
                y: top,
                w: room,
                h,
            };
            sheet.area(area, 10, Pen::Card, Some((Pen::Rule, Stroke::Thin)));
            let mut y = top + (h - count(lines.len()) * 18) / 2;
            for line in lines {
                sheet.text((x, y + 14), line, NAME, Pen::Ink, Hold::Middle, true);
                y += 18;
            }
        }
        top + h
    }

    /// One hop from a height on; where it ends.
    fn hop(&self, sheet: &mut Sheet, number: usize, hop: &Hop, top: i32) -> i32 {
        let middle = i32::midpoint(self.x(hop.from), self.x(hop.to));
        let mut y = said(sheet, number, &hop.says, middle, top);
        y = self.arrow(sheet, hop, y + 10) + 8;
        let mut rows: Vec<Vec<Tag>> = vec![Vec::new()];
        for tag in tags(hop) {
            let row = rows.last().map_or(0, |row| row_width(row, self.tongue));
            if row + 6 + tag.width(self.tongue) > INNER {
                rows.push(Vec::new());
            }
            if let Some(row) = rows.last_mut() {
                row.push(tag);
            }
        }
        for row in rows.iter().filter(|row| !row.is_empty()) {
            let w = row_width(row, self.tongue);
            let mut x = held(middle, w);
            hide(sheet, x, y, w, TAG_ROW);
            for tag in row {
                tag.draw(sheet, (x, y + 2), self.tongue);
                x += tag.width(self.tongue) + 6;
            }
            y += TAG_ROW;
        }
        if let Some(note) = &hop.note {
            let lines = wrap(note, NOTE, INNER - 8);
            let w = lines
                .iter()
                .map(|line| width(line, NOTE))
                .max()
                .unwrap_or(0);
            let x = held(middle, w);
            hide(sheet, x, y, w, count(lines.len()) * NOTE_ROW + 2);
            for line in &lines {
                let at = (x + w / 2, y + 14);
                sheet.text(at, line, NOTE, Pen::Muted, Hold::Middle, false);
                y += NOTE_ROW;
            }
        }
        y
    }

    /// The arrow at a height; where it ends.
    fn arrow(&self, sheet: &mut Sheet, hop: &Hop, y: i32) -> i32 {
        let (from, to) = (self.x(hop.from), self.x(hop.to));
        let pen = match (hop.refused, hop.line) {
            (true, _) => Pen::Stop,
            (false, Some(line)) => Pen::Of(line),
            (false, None) => Pen::Ink,
        };
        let stroke = stroke(hop.trust);
        sheet.dot((from, y), 4, pen);
        if hop.from == hop.to {
            // Out to the side that has room, and back.
            let right = from < WIDTH / 2;
            let out = if right { from + 34 } else { from - 34 };
            let end = if right { from + 9 } else { from - 9 };
            let points = [(from, y), (out, y), (out, y + 20), (end, y + 20)];
            sheet.way(&points, pen, stroke);
            if hop.refused {
                sheet.stop((end, y + 20));
            } else {
                sheet.head((from, y + 20), !right, pen);
            }
            return y + 26;
        }
        let right = from < to;
        let end = |back: i32| if right { to - back } else { to + back };
        if hop.refused {
            sheet.way(&[(from, y), (end(20), y)], pen, stroke);
            sheet.stop((end(16), y));
        } else {
            sheet.way(&[(from, y), (end(9), y)], pen, stroke);
            sheet.head((to, y), right, pen);
        }
        y + 4
    }

    /// What the styles of lines mean, for those that were used; and the height of the whole.
    fn key(&self, top: i32) -> (Sheet, i32) {
        let mut sheet = Sheet::default();
        let mut y = top;
        let used = Trust::ALL
            .into_iter()
            .filter(|trust| self.hops.iter().any(|hop| hop.trust == Some(*trust)));
        for trust in used {
            let x = MARGIN + 6;
            sheet.way(
                &[(x, y + 11), (x + 42, y + 11)],
                Pen::Ink,
                stroke(Some(trust)),
            );
            let words = trust.meaning(self.tongue);
            sheet.text(
                (x + 54, y + 16),
                words,
                NOTE,
                Pen::Muted,
                Hold::Start,
                false,
            );
            y += 22;
        }
        (sheet, y + MARGIN - 2)
    }
}

/// The numbered words of a hop around a middle; where they end.
fn said(sheet: &mut Sheet, number: usize, says: &str, middle: i32, top: i32) -> i32 {
    let lines = wrap(says, SAYS, INNER - NUMBER - 6);
    let w = lines
        .iter()
        .map(|line| width(line, SAYS))
        .max()
        .unwrap_or(0);
    let x = held(middle, w + NUMBER);
    hide(sheet, x, top, w + NUMBER, count(lines.len()) * SAYS_ROW);
    sheet.dot((x + 10, top + 11), 10, Pen::Card);
    let at = (x + 10, top + 16);
    sheet.text(at, &number.to_string(), 12, Pen::Muted, Hold::Middle, true);
    let mut y = top;
    for line in &lines {
        let at = (x + NUMBER, y + 17);
        sheet.text(at, line, SAYS, Pen::Ink, Hold::Start, true);
        y += SAYS_ROW;
    }
    y
}

fn tags(hop: &Hop) -> Vec<Tag> {
    let refused = hop.refused.then_some(Tag::Refused);
    let tags = [
        hop.line.map(Tag::Line),
        refused,
        hop.trust.map(Tag::Trust),
        hop.time.clone().map(Tag::Time),
    ];
    tags.into_iter().flatten().collect()
}

fn row_width(row: &[Tag], tongue: Tongue) -> i32 {
    let widths = row.iter().map(|tag| tag.width(tongue) + 6);
    widths.sum::<i32>().max(6) - 6
}

pub(crate) fn stroke(trust: Option<Trust>) -> Stroke {
    match trust {
        None => Stroke::Thin,
        Some(Trust::Forgeable) => Stroke::Dashed,
        Some(Trust::Signed) => Stroke::Heavy,
        Some(Trust::Asked) => Stroke::Double,
    }
}

/// Where something that wide begins to stand around a middle without leaving the paper.
fn held(middle: i32, w: i32) -> i32 {
    (middle - w / 2).min(WIDTH - MARGIN - w).max(MARGIN)
}

/// Hides the lanes behind a text.
fn hide(sheet: &mut Sheet, x: i32, y: i32, w: i32, h: i32) {
    let area = Area {
        x: x - 4,
        y,
        w: w + 8,
        h,
    };
    sheet.area(area, 4, Pen::Paper, None);
}

/// A number of things, for reckoning with pixels.
pub(crate) fn count(things: usize) -> i32 {
    i32::try_from(things).unwrap_or(i32::MAX)
}
