//! The explorer's diagrams, by the same renderer as the book's: the way of this order, and the good way beside it.

use figures::{Hop, Line, Sequence, Tongue, Trust};

use super::{FlowView, HopKind, HopView, Lane, Verdict};
use crate::text::{Lang, Text, fill};

/// So many hops a picture has at most: the rest is read below it.
const DRAWN_MAX: usize = 30;

impl HopKind {
    /// Who could have sent such a message.
    fn trust(self) -> Option<Trust> {
        match self {
            Self::SignIn | Self::Placed => Some(Trust::Forgeable),
            Self::HandOver | Self::Notice | Self::Return => Some(Trust::Signed),
            Self::Token | Self::Query | Self::Refund => Some(Trust::Asked),
            Self::Wish | Self::Delivery | Self::Sheet => None,
        }
    }

    fn drawn(self, t: &Text) -> Hop {
        let (from, to) = self.lanes();
        Hop {
            line: self
                .lines()
                .last()
                .and_then(|line| Line::from_number(*line)),
            trust: self.trust(),
            ..Hop::new(from as usize, to as usize, self.name(t))
        }
    }
}

impl HopView {
    fn drawn(&self, t: &Text) -> Hop {
        let hop = self.kind.drawn(t);
        let says = self.kind.sentence(t).contains("{says}");
        Hop {
            line: self.stopped_by().map_or(hop.line, Line::from_number),
            note: says.then(|| self.says.words(t)),
            refused: matches!(self.verdict, Verdict::Refused(_)),
            time: Some(self.clock.clone()),
            ..hop
        }
    }
}

fn tongue(lang: Lang) -> Tongue {
    match lang {
        Lang::ZhTw => Tongue::ZhTw,
        Lang::En => Tongue::En,
    }
}

fn sequence(lang: Lang, title: &str, alt: &str, hops: Vec<Hop>) -> Option<Sequence> {
    let t = Text::get(lang);
    let lanes = Lane::ALL.map(|lane| lane.name(t).to_owned()).to_vec();
    let told = Sequence::new(title, alt, lanes, hops).ok()?;
    Some(told.in_tongue(tongue(lang)))
}

fn good(lang: Lang, hops: Vec<Hop>) -> Sequence {
    let f = &Text::get(lang).flow;
    sequence(lang, &f.picture_good, &f.picture_good_alt, hops)
        .expect("the texts of both languages are there")
}

/// The way of an order when all goes well. The book's figure `explorer-good-way` is this one.
///
/// # Panics
/// Never in a program that was tested: every text is there.
#[must_use]
pub fn good_way(lang: Lang) -> Sequence {
    let t = Text::get(lang);
    good(lang, HopKind::GOOD_WAY.map(|kind| kind.drawn(t)).to_vec())
}

/// What an order's own hops come to, as the same drawing: of every kind the first that was believed, by the steps, without
/// times. An order to which all went well gives exactly [`good_way`].
///
/// # Panics
/// As [`good_way`].
#[must_use]
pub fn shortened_way(view: &FlowView, lang: Lang) -> Sequence {
    let t = Text::get(lang);
    let first = |kind: HopKind| {
        let mut hops = view.hops.iter();
        hops.find(|hop| hop.kind == kind && hop.verdict == Verdict::Believed)
    };
    let hops = HopKind::ALL.into_iter().filter_map(first).map(|hop| Hop {
        note: None,
        time: None,
        ..hop.drawn(t)
    });
    good(lang, hops.collect())
}

/// The way of this order; what came again and again stands there once with a number. Nothing where nothing travelled.
pub(super) fn own_way(view: &FlowView, lang: Lang) -> Option<Sequence> {
    let t = Text::get(lang);
    let mut drawn: Vec<(Hop, usize)> = Vec::new();
    let (mut last, mut left) = (None, 0_usize);
    for hop in &view.hops {
        let same = (hop.kind, &hop.verdict, &hop.says);
        let again = left == 0 && last == Some(same);
        let room = drawn.len() < DRAWN_MAX;
        match drawn.last_mut().filter(|_| again) {
            Some((_, times)) => *times += 1,
            None if room => drawn.push((hop.drawn(t), 1)),
            None => left += 1,
        }
        last = Some(same);
    }
    if drawn.is_empty() {
        return None;
    }
    let mut hops: Vec<Hop> = drawn
        .into_iter()
        .map(|(hop, times)| match times {
            1 => hop,
            _ => Hop {
                says: format!("{} ×{times}", hop.says),
                ..hop
            },
        })
        .collect();
    if left > 0 {
        let more = fill(&t.flow.picture_more, &[("n", &left.to_string())]);
        hops.push(Hop::new(Lane::Shop as usize, Lane::Shop as usize, more));
    }
    let alt = fill(
        &t.flow.picture_own_alt,
        &[("n", &view.hops.len().to_string())],
    );
    sequence(lang, &t.flow.picture_own, &alt, hops)
}
