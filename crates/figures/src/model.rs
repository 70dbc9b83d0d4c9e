//! What a diagram says, before it has a shape.

use serde::Deserialize;

/// A conversation between lanes, in the order of time.
///
/// It is general on purpose: the book fills it from files, and whatever shows a real run fills it from what was sent
/// and received. Texts of any length are wrapped; there may be any number of hops.
///
/// ```
/// use figures::{Hop, Line, Sequence, Trust};
///
/// let notice = Hop {
///     line: Some(Line::Authenticity),
///     trust: Some(Trust::Signed),
///     ..Hop::new(1, 0, "付款通知")
/// };
/// let told = Sequence::new("一則通知", "PAYUNi 通知商店", vec!["商店".into(), "PAYUNi".into()], vec![notice])?;
/// assert!(told.draw().svg.starts_with("<svg"));
/// # Ok::<(), figures::NotDrawable>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    pub(crate) title: String,
    pub(crate) alt: String,
    pub(crate) lanes: Vec<String>,
    pub(crate) hops: Vec<Hop>,
    pub(crate) tongue: Tongue,
}

/// The language of the few words that a drawing adds by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// Traditional Chinese as used in Taiwan, the book's.
    #[default]
    ZhTw,
    /// English.
    En,
}

/// One thing that happens: from a lane to a lane, or by itself in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The lane that it comes from, counted from 0.
    pub from: usize,
    /// The lane that it goes to; the same as `from` for something that a lane does by itself.
    pub to: usize,
    /// What is said or done, in a few words.
    pub says: String,
    /// A remark below it.
    pub note: Option<String>,
    /// The line of defence that is at work.
    pub line: Option<Line>,
    /// Who could have said it.
    pub trust: Option<Trust>,
    /// Whether it was turned away: the arrow ends at a stop sign.
    pub refused: bool,
    /// When, as it is to be read: `t+0 秒`, `14:03:07.120`.
    pub time: Option<String>,
}

impl Hop {
    /// A hop without anything special about it.
    #[must_use]
    pub fn new(from: usize, to: usize, says: impl Into<String>) -> Self {
        Self {
            from,
            to,
            says: says.into(),
            note: None,
            line: None,
            trust: None,
            refused: false,
            time: None,
        }
    }
}

/// One of the five lines of defence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// 1, 守門: may this request come in at all?
    Edge,
    /// 2, 驗真: who really sent it, unchanged?
    Authenticity,
    /// 3, 核對: is it a result, about this order, amount, merchant?
    Meaning,
    /// 4, 定案: is it lawful now, once, durable?
    State,
    /// 5, 對帳: does the gateway, asked by us, say the same?
    Confirmation,
}

impl Line {
    /// All five, in their order.
    pub const ALL: [Self; 5] = [
        Self::Edge,
        Self::Authenticity,
        Self::Meaning,
        Self::State,
        Self::Confirmation,
    ];

    /// The line of a number from 1 to 5.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|line| line.number() == number)
    }

    /// Its number, from 1 to 5.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Edge => 1,
            Self::Authenticity => 2,
            Self::Meaning => 3,
            Self::State => 4,
            Self::Confirmation => 5,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self, tongue: Tongue) -> &'static str {
        let (zh, en) = match self {
            Self::Edge => ("守門", "Edge"),
            Self::Authenticity => ("驗真", "Authenticity"),
            Self::Meaning => ("核對", "Meaning"),
            Self::State => ("定案", "State"),
            Self::Confirmation => ("對帳", "Confirmation"),
        };
        tongue.of(zh, en)
    }
}

/// Who could have said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// Anybody: nothing in it proves where it comes from. A dashed line.
    Forgeable,
    /// Whoever holds the key: it is signed. A solid, heavy line.
    Signed,
    /// The one who was asked, over a connection that we opened. A double line.
    Asked,
}

impl Trust {
    pub(crate) const ALL: [Self; 3] = [Self::Forgeable, Self::Signed, Self::Asked];

    pub(crate) fn word(self, tongue: Tongue) -> &'static str {
        match self {
            Self::Forgeable => tongue.of("可偽造", "forgeable"),
            Self::Signed => tongue.of("有簽章", "signed"),
            Self::Asked => tongue.of("自己問來的", "asked by us"),
        }
    }

    /// What its style of line means.
    pub(crate) fn meaning(self, tongue: Tongue) -> &'static str {
        match self {
            Self::Forgeable => tongue.of(
                "可偽造：誰都送得出這樣的訊息",
                "forgeable: anybody can send such a message",
            ),
            Self::Signed => tongue.of(
                "有簽章：拿著金鑰的人才寫得出來",
                "signed: it takes the key to write it",
            ),
            Self::Asked => tongue.of(
                "自己問來的：連線由我們發起",
                "asked: we opened the connection",
            ),
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Forgeable => "forgeable",
            Self::Signed => "signed",
            Self::Asked => "asked",
        }
    }
}

impl Tongue {
    pub(crate) fn of(self, zh: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::ZhTw => zh,
            Self::En => en,
        }
    }
}

/// Rooms that trust divides, with what goes from box to box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zones {
    pub(crate) title: String,
    pub(crate) alt: String,
    pub(crate) zones: Vec<Zone>,
    pub(crate) arrows: Vec<Arrow>,
}

/// One zone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Its name.
    pub name: String,
    /// How far what comes out of it is believed.
    pub trust: ZoneTrust,
    /// The names of what stands in it; unique in the whole diagram.
    pub boxes: Vec<String>,
}

/// How far what comes out of a zone is believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneTrust {
    /// It is our own.
    Ours,
    /// Anybody could be there.
    Forgeable,
    /// It signs what it says.
    Signed,
    /// We ask it ourselves.
    Asked,
}

impl ZoneTrust {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ours => "我們自己的",
            Self::Forgeable => Trust::Forgeable.word(Tongue::ZhTw),
            Self::Signed => Trust::Signed.word(Tongue::ZhTw),
            Self::Asked => Trust::Asked.word(Tongue::ZhTw),
        }
    }
}

/// Something that goes from a box to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The name of the box that it leaves.
    pub from: String,
    /// The name of the box that it reaches.
    pub to: String,
    /// What goes there.
    pub says: String,
    /// The line of defence that it passes.
    pub line: Option<Line>,
}

/// Why something cannot be drawn: where, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotDrawable(pub(crate) String);

/// A drawing has to be read across a phone.
const LANES_MAX: usize = 5;

impl Sequence {
    /// Takes a conversation in.
    ///
    /// # Errors
    /// No lane or more than five, a hop from or to a lane that is not there, or a text that is empty.
    pub fn new(
        title: impl Into<String>,
        alt: impl Into<String>,
        lanes: Vec<String>,
        hops: Vec<Hop>,
    ) -> Result<Self, NotDrawable> {
        let (title, alt) = (said("title", title)?, said("alt", alt)?);
        if lanes.is_empty() || lanes.len() > LANES_MAX {
            return Err(NotDrawable(format!(
                "`lanes` has {} names; one to {LANES_MAX} can be drawn",
                lanes.len()
            )));
        }
        for (n, hop) in hops.iter().enumerate() {
            for (field, lane) in [("from", hop.from), ("to", hop.to)] {
                if lane >= lanes.len() {
                    return Err(NotDrawable(format!(
                        "hop {}: `{field}` is {lane}, but the lanes are numbered 0 to {}",
                        n + 1,
                        lanes.len() - 1
                    )));
                }
            }
            if hop.says.trim().is_empty() {
                return Err(NotDrawable(format!("hop {}: `says` is empty", n + 1)));
            }
        }
        Ok(Self {
            title,
            alt,
            lanes,
            hops,
            tongue: Tongue::default(),
        })
    }

    /// The same, with the words that the drawing adds in another language.
    #[must_use]
    pub fn in_tongue(self, tongue: Tongue) -> Self {
        Self { tongue, ..self }
    }

    /// The hops, in the order of time.
    #[must_use]
    pub fn hops(&self) -> &[Hop] {
        &self.hops
    }

    /// The same as a file of the book, to be read by [`Figure::read`](crate::Figure::read).
    #[must_use]
    pub fn to_toml(&self) -> String {
        let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let lanes: Vec<String> = self.lanes.iter().map(|lane| quoted(lane)).collect();
        let mut file = format!(
            "kind = \"sequence\"\ntitle = {}\nalt = {}\nlanes = [{}]\n",
            quoted(&self.title),
            quoted(&self.alt),
            lanes.join(", ")
        );
        for hop in &self.hops {
            let fields = [
                ("from", Some(hop.from.to_string())),
                ("to", Some(hop.to.to_string())),
                ("says", Some(quoted(&hop.says))),
                ("note", hop.note.as_deref().map(quoted)),
                ("trust", hop.trust.map(|trust| quoted(trust.key()))),
                ("line", hop.line.map(|line| line.number().to_string())),
                ("refused", hop.refused.then(|| "true".to_owned())),
                ("time", hop.time.as_deref().map(quoted)),
            ];
            file.push_str("\n[[hop]]\n");
            for (name, value) in fields {
                if let Some(value) = value {
                    file.push_str(&format!("{name} = {value}\n"));
                }
            }
        }
        file
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it shows, in a sentence, for those who do not see it.
    #[must_use]
    pub fn alt(&self) -> &str {
        &self.alt
    }
}

impl Zones {
    /// Takes zones in.
    ///
    /// # Errors
    /// No zone, a name twice, an arrow from or to a box that is not there, or a text that is empty.
    pub fn new(
        title: impl Into<String>,
        alt: impl Into<String>,
        zones: Vec<Zone>,
        arrows: Vec<Arrow>,
    ) -> Result<Self, NotDrawable> {
        let (title, alt) = (said("title", title)?, said("alt", alt)?);
        let mut names: Vec<&str> = Vec::new();
        for (n, zone) in zones.iter().enumerate() {
            if zone.name.trim().is_empty() || zone.boxes.is_empty() {
                return Err(NotDrawable(format!(
                    "zone {}: it needs a `name` and at least one of `boxes`",
                    n + 1
                )));
            }
            for name in &zone.boxes {
                if names.contains(&name.as_str()) {
                    return Err(NotDrawable(format!(
                        "zone {}: `boxes` names {name:?}, which is there already",
                        n + 1
                    )));
                }
                names.push(name);
            }
        }
        if names.is_empty() {
            return Err(NotDrawable("there is no zone".to_owned()));
        }
        for (n, arrow) in arrows.iter().enumerate() {
            for (field, name) in [("from", &arrow.from), ("to", &arrow.to)] {
                if !names.contains(&name.as_str()) {
                    return Err(NotDrawable(format!(
                        "arrow {}: `{field}` is {name:?}, but the boxes are {}",
                        n + 1,
                        names.join("、")
                    )));
                }
            }
            if arrow.from == arrow.to {
                return Err(NotDrawable(format!(
                    "arrow {}: `from` and `to` are the same box",
                    n + 1
                )));
            }
        }
        Ok(Self {
            title,
            alt,
            zones,
            arrows,
        })
    }
}

fn said(field: &str, text: impl Into<String>) -> Result<String, NotDrawable> {
    let text = text.into();
    if text.trim().is_empty() {
        return Err(NotDrawable(format!("`{field}` is empty")));
    }
    Ok(text)
}
