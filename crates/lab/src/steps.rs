//! The steps of a case, for people: what is done, with the bytes or the recipe for them.

use crate::words::Words;
use attacks::{Base, Change, Door, Http, Keys, Message, Raw, Step, Which};

/// A step, told.
pub(crate) struct Told {
    /// What is done, in half a line.
    pub(crate) what: String,
    /// What is written there literally, a line each.
    pub(crate) bytes: Vec<String>,
}

impl Told {
    fn plain(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            bytes: Vec::new(),
        }
    }
}

/// Tells a step.
pub(crate) fn told(step: &Step, w: &Words) -> Told {
    match step {
        Step::Mark {} => Told::plain(w.t("s_mark")),
        Step::Ask {} => Told::plain(w.t("s_ask")),
        Step::Place(place) => Told {
            what: format!(
                "{} {}{}",
                w.t("s_place"),
                place.order,
                w.with("aside", &place.who)
            ),
            bytes: pairs(place.form.iter()),
        },
        Step::Pay(pay) => {
            let unheard = if pay.unheard { w.t("s_unheard") } else { "" };
            Told::plain(format!(
                "{} {}{}{unheard}",
                w.t("s_pay"),
                pay.order,
                w.with("aside", &pay.method)
            ))
        }
        Step::Message(message) => told_message(message, w),
        Step::Http(http) => told_http(http, w),
        Step::Raw(raw) => told_raw(raw, w),
        Step::Sandbox(sandbox) => {
            let which = match sandbox.which {
                Which::Payuni => "PAYUNi",
                Which::Google => "Google",
            };
            let method = sandbox.method.as_deref().unwrap_or("POST");
            Told {
                what: w.with("s_sandbox", which),
                bytes: vec![format!(
                    "{method} {} {}",
                    sandbox.path,
                    sandbox.json.as_deref().unwrap_or_default()
                )],
            }
        }
        Step::Await(wait) => {
            let wanted = [&wait.status, &wait.sheet, &wait.refund];
            let wanted: Vec<&str> = wanted.into_iter().flatten().map(String::as_str).collect();
            Told::plain(format!(
                "{} {} {}",
                w.t("s_await"),
                wait.order,
                wanted.join(" ")
            ))
        }
        Step::SignIn(sign_in) => {
            let tricks = sign_in.tricks.iter().map(|trick| format!("{trick:?}"));
            Told {
                what: format!("{} {}", w.t("s_sign_in"), sign_in.who),
                bytes: sign_in.faults.iter().cloned().chain(tricks).collect(),
            }
        }
        Step::Program(program) => Told {
            what: w.with("s_program", program.exit),
            bytes: std::iter::once(format!("jinliu {}", program.args.join(" ")))
                .chain(pairs(program.env.iter()))
                .collect(),
        },
        Step::Slow(slow) => Told::plain(format!(
            "{}{}",
            w.t("s_slow"),
            w.with("aside", format!("{:?}", slow.pace))
        )),
        Step::Sql(sql) => Told {
            what: w.t("s_sql").to_owned(),
            bytes: sql.refused.clone(),
        },
    }
}

fn told_message(message: &Message, w: &Words) -> Told {
    let base = w.t(match message.base {
        Base::Paid => "s_base_paid",
        Base::OwnForm => "s_base_own",
        Base::Sent => "s_base_sent",
        Base::Empty => "s_base_empty",
    });
    let door = match message.to {
        Door::Notify => "/payuni/notify",
        Door::Return => "/payuni/return",
    };
    let mut bytes = Vec::new();
    if let Some(fields) = attacks::inner_fields(message) {
        let fields = fields.iter().map(|(name, value)| (name, value));
        bytes.push(format!("{} {}", w.t("s_sealed"), pairs(fields).join("&")));
    } else {
        change(w.t("s_sealed"), &message.inner, &mut bytes);
    }
    if let Some(text) = &message.plaintext {
        bytes.push(format!("{} {text}", w.t("s_sealed")));
    }
    if message.keys != Keys::Ours {
        bytes.push(format!("{:?} {}", message.keys, w.t("s_keys")));
    }
    change(w.t("s_outer"), &message.outer, &mut bytes);
    if let Some(vary) = &message.vary {
        bytes.push(format!("{} = {}", vary.name, vary.values.join(" | ")));
    }
    let removed = message.remove_each.iter().map(|name| format!("− {name}"));
    bytes.extend(removed);
    bytes.extend(message.tamper.iter().map(|how| format!("{how:?}")));
    let many = times(message.times, message.at_once, w);
    Told {
        what: format!("{base} → POST {door}{many}"),
        bytes,
    }
}

fn change(whose: &str, change: &Change, bytes: &mut Vec<String>) {
    let set = change.set.iter();
    bytes.extend(set.map(|(name, value)| format!("{whose} {name}={value}")));
    bytes.extend(change.remove.iter().map(|name| format!("{whose} − {name}")));
    let added = change.add.iter();
    bytes.extend(added.map(|(name, value)| format!("{whose} + {name}={value}")));
}

fn told_http(http: &Http, w: &Words) -> Told {
    let who = http.who.as_deref().unwrap_or(w.t("s_nobody"));
    let mut bytes = Vec::new();
    for path in &http.paths {
        bytes.push(format!("{} {path}", http.methods.join("|")));
    }
    let headers = http.headers.iter();
    bytes.extend(headers.map(|(name, value)| format!("{name}: {value}")));
    if let Some(origin) = &http.origin {
        bytes.push(format!("Origin: {origin}"));
    }
    for vary in [&http.vary_header, &http.vary].into_iter().flatten() {
        bytes.push(format!("{} = {}", vary.name, vary.values.join(" | ")));
    }
    bytes.extend(pairs(http.form.iter()));
    bytes.extend(http.body.iter().cloned());
    bytes.extend(http.bodies.iter().cloned());
    let many = times(http.times, http.at_once, w);
    Told {
        what: format!("{who}：{}{many}", w.t("s_http")),
        bytes,
    }
}

fn told_raw(raw: &Raw, w: &Words) -> Told {
    let texts = raw.texts.iter().flat_map(|text| text.lines());
    Told {
        what: format!("{}{}", w.t("s_raw"), times(raw.times, false, w)),
        bytes: texts.map(ToOwned::to_owned).collect(),
    }
}

fn times(times: u32, at_once: bool, w: &Words) -> String {
    let at_once = if at_once { w.t("s_at_once") } else { "" };
    match times {
        0 | 1 => at_once.to_owned(),
        many => format!(" × {many}{at_once}"),
    }
}

fn pairs<'a>(fields: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<String> {
    fields
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}
