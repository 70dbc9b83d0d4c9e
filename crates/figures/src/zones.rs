//! Draws [`Zones`]: a card for each zone, a row for each box, numbered ways along the side, and what goes there below.

use crate::{
    Drawing,
    measure::wrap,
    model::{Arrow, Tongue, ZoneTrust, Zones},
    paint::{Area, Hold, MARGIN, Pen, Sheet, Stroke, TAG_ROW, Tag, WIDTH},
    sequence::count,
};

const TITLE: i32 = 18;
const NAME: i32 = 15;
const BOX: i32 = 14;
const SAYS: i32 = 14;
/// Between two ways along the side.
const TRACK: i32 = 22;
/// For how many ways side by side there is room.
const TRACKS_MAX: usize = 6;
/// Between two ends of ways at one box.
const END: i32 = 22;

/// Where a box came to stand.
struct Placed<'a> {
    name: &'a str,
    area: Area,
    /// The ends of ways that it has still to give out, from its top.
    next_end: i32,
}

/// A way from box to box: the heights at which it leaves and arrives, and its place along the side.
struct Way<'a> {
    arrow: &'a Arrow,
    from: At,
    to: At,
    track: usize,
}

/// The right end of a box, at a height.
#[derive(Clone, Copy)]
struct At {
    x: i32,
    y: i32,
}

impl Zones {
    /// Draws it.
    #[must_use]
    pub fn draw(&self) -> Drawing {
        // How many ways stand side by side is known only when the boxes stand, and they are as wide as the ways leave
        // room for: so it is tried with as many as there can be, and then with as many as there were.
        let most = self.arrows.len().min(TRACKS_MAX);
        let (drawn, needed) = self.drawn(most);
        if needed < most {
            let (closer, needed_now) = self.drawn(needed);
            if needed_now <= needed {
                return closer;
            }
        }
        drawn
    }

    /// Draws it with room for so many ways side by side, and tells how many there were.
    fn drawn(&self, tracks: usize) -> (Drawing, usize) {
        let mut sheet = Sheet::default();
        let mut y = MARGIN + 8;
        for line in wrap(&self.title, TITLE, WIDTH - 2 * MARGIN) {
            y += 16;
            sheet.text((WIDTH / 2, y), &line, TITLE, Pen::Ink, Hold::Middle, true);
            y += 8;
        }
        y += 10;
        let card = WIDTH - 2 * MARGIN - count(tracks) * TRACK - 6;
        let mut placed: Vec<Placed<'_>> = Vec::new();
        for zone in &self.zones {
            y = self.zone(&mut sheet, zone, (card, y), &mut placed) + 14;
        }
        let ways = self.ways(&mut placed);
        for (n, way) in ways.iter().enumerate() {
            draw_way(&mut sheet, n + 1, way, card);
        }
        let needed = ways.iter().map(|way| way.track + 1).max().unwrap_or(0);
        y += 4;
        for (n, arrow) in self.arrows.iter().enumerate() {
            y = legend(&mut sheet, n + 1, arrow, y);
        }
        let height = y + MARGIN - 6;
        let mut whole = Sheet::default();
        let area = Area {
            x: 0,
            y: 0,
            w: WIDTH,
            h: height,
        };
        whole.area(area, 14, Pen::Paper, None);
        whole.lay(&sheet);
        (whole.finish(&self.title, &self.alt, height), needed)
    }

    /// One zone's card of a width at a height; where it ends.
    fn zone<'a>(
        &self,
        sheet: &mut Sheet,
        zone: &'a crate::Zone,
        (card, top): (i32, i32),
        placed: &mut Vec<Placed<'a>>,
    ) -> i32 {
        let inner = card - 28;
        let names = wrap(&zone.name, NAME, inner);
        let head = count(names.len()) * 20 + 32;
        let boxes: Vec<(&str, Vec<String>, i32)> = zone
            .boxes
            .iter()
            .map(|name| {
                let lines = wrap(name, BOX, inner - 20);
                let h = (count(lines.len()) * 19 + 14).max(count(self.ends(name)) * END + 10);
                (name.as_str(), lines, h)
            })
            .collect();
        let h = head + boxes.iter().map(|(_, _, h)| h + 8).sum::<i32>() + 8;
        frame(sheet, zone.trust, card, top, h);
        let mut y = top + 8;
        for line in &names {
            sheet.text(
                (MARGIN + 14, y + 16),
                line,
                NAME,
                Pen::Ink,
                Hold::Start,
                true,
            );
            y += 20;
        }
        sheet.text(
            (MARGIN + 14, y + 12),
            zone.trust.word(),
            13,
            Pen::Muted,
            Hold::Start,
            false,
        );
        y = top + head;
        for (name, lines, h) in boxes {
            let area = Area {
                x: MARGIN + 14,
                y,
                w: inner,
                h,
            };
            box_of(sheet, area, &lines);
            let ends = count(self.ends(name));
            placed.push(Placed {
                name,
                area,
                next_end: y + (h - (ends - 1) * END) / 2,
            });
            y += h + 8;
        }
        top + h
    }

    /// How many ways leave or reach a box.
    fn ends(&self, name: &str) -> usize {
        let ends = self.arrows.iter();
        ends.filter(|arrow| arrow.from == name || arrow.to == name)
            .count()
    }

    /// Gives each arrow its ends and its place along the side: the shortest innermost, none over another.
    fn ways<'a>(&'a self, placed: &mut [Placed<'_>]) -> Vec<Way<'a>> {
        let mut end = |name: &str| {
            let found = placed.iter_mut().find(|placed| placed.name == name);
            found.map_or(At { x: 0, y: 0 }, |placed| {
                let y = placed.next_end;
                placed.next_end += END;
                At {
                    x: placed.area.x + placed.area.w,
                    y,
                }
            })
        };
        let mut ways: Vec<Way<'_>> = self
            .arrows
            .iter()
            .map(|arrow| Way {
                arrow,
                from: end(&arrow.from),
                to: end(&arrow.to),
                track: 0,
            })
            .collect();
        let mut order: Vec<usize> = (0..ways.len()).collect();
        order.sort_by_key(|&n| ((ways[n].from.y - ways[n].to.y).abs(), n));
        let mut taken: Vec<Vec<(i32, i32)>> = Vec::new();
        for n in order {
            let (a, b) = (ways[n].from.y, ways[n].to.y);
            let span = (a.min(b) - 14, a.max(b) + 14);
            let free = |row: &Vec<(i32, i32)>| row.iter().all(|(a, b)| span.1 < *a || span.0 > *b);
            let track = taken.iter().position(free).unwrap_or_else(|| {
                taken.push(Vec::new());
                taken.len() - 1
            });
            taken[track].push(span);
            ways[n].track = track;
        }
        ways
    }
}

/// A zone's card, in the frame of its trust.
fn frame(sheet: &mut Sheet, trust: ZoneTrust, card: i32, top: i32, h: i32) {
    let stroke = match trust {
        ZoneTrust::Ours => Stroke::Heavy,
        ZoneTrust::Forgeable => Stroke::Dashed,
        ZoneTrust::Signed | ZoneTrust::Asked => Stroke::Thin,
    };
    let area = Area {
        x: MARGIN,
        y: top,
        w: card,
        h,
    };
    sheet.area(area, 12, Pen::Card, Some((Pen::Muted, stroke)));
    if trust == ZoneTrust::Asked {
        let inside = Area {
            x: MARGIN + 4,
            y: top + 4,
            w: card - 8,
            h: h - 8,
        };
        sheet.area(inside, 9, Pen::Card, Some((Pen::Muted, Stroke::Thin)));
    }
}

/// A box with its name.
fn box_of(sheet: &mut Sheet, area: Area, lines: &[String]) {
    sheet.area(area, 8, Pen::Paper, Some((Pen::Rule, Stroke::Thin)));
    let mut y = area.y + (area.h - count(lines.len()) * 19) / 2;
    for line in lines {
        let at = (area.x + 10, y + 14);
        sheet.text(at, line, BOX, Pen::Ink, Hold::Start, false);
        y += 19;
    }
}

fn pen(arrow: &Arrow) -> Pen {
    arrow.line.map_or(Pen::Ink, Pen::Of)
}

fn draw_way(sheet: &mut Sheet, number: usize, way: &Way<'_>, card: i32) {
    let room = WIDTH - MARGIN - (MARGIN + card + 8);
    // More tracks than there is room for are squeezed together.
    let x = MARGIN + card + 16 + (count(way.track) * TRACK).min(room - 18);
    let pen = pen(way.arrow);
    let points = [
        (way.from.x, way.from.y),
        (x, way.from.y),
        (x, way.to.y),
        (way.to.x + 9, way.to.y),
    ];
    sheet.way(&points, pen, Stroke::Thin);
    sheet.dot((way.from.x, way.from.y), 4, pen);
    sheet.head((way.to.x, way.to.y), false, pen);
    badge(sheet, number, (x, i32::midpoint(way.from.y, way.to.y)), pen);
}

fn badge(sheet: &mut Sheet, number: usize, at: (i32, i32), pen: Pen) {
    sheet.dot(at, 10, pen);
    let at = (at.0, at.1 + 5);
    sheet.text(at, &number.to_string(), 12, Pen::On, Hold::Middle, true);
}

/// What goes along a way; where it ends.
fn legend(sheet: &mut Sheet, number: usize, arrow: &Arrow, top: i32) -> i32 {
    badge(sheet, number, (MARGIN + 12, top + 12), pen(arrow));
    let x = MARGIN + 30;
    let most = WIDTH - MARGIN - x;
    let mut y = top;
    for line in wrap(&format!("{} → {}", arrow.from, arrow.to), 13, most) {
        sheet.text((x, y + 15), &line, 13, Pen::Muted, Hold::Start, false);
        y += 18;
    }
    for line in wrap(&arrow.says, SAYS, most) {
        sheet.text((x, y + 15), &line, SAYS, Pen::Ink, Hold::Start, true);
        y += 20;
    }
    if let Some(line) = arrow.line {
        Tag::Line(line).draw(sheet, (x, y + 3), Tongue::ZhTw);
        y += TAG_ROW;
    }
    y + 8
}
