//! The line × attack matrix, as the last ablation wrote it.

use crate::{
    index::CASES,
    page::framed,
    record::{Held, Record, Row, record},
    words::Words,
};
use askama::Template;
use pages::{Lang, RenderError, Shell};

#[derive(Template)]
#[template(path = "matrix.html")]
struct Matrix {
    w: &'static Words,
    zh: bool,
    record: &'static Record,
    weak: Vec<&'static Row>,
}

impl Matrix {
    fn title(&self, row: &Row) -> &'static str {
        let case = CASES.iter().find(|case| case.id == row.id);
        case.map_or("", |case| {
            if self.zh {
                &case.title.zh
            } else {
                &case.title.en
            }
        })
    }

    fn tone(held: &Held) -> &'static str {
        match held {
            Held::Whole => "good",
            Held::Partly => "wait",
            Held::Broken => "alert",
            Held::Unknown => "calm",
        }
    }
}

/// The matrix.
///
/// # Errors
/// A page that cannot be rendered.
pub fn matrix(shell: &Shell) -> Result<String, RenderError> {
    let w = Words::of(shell.lang);
    let record = record();
    let weak = record.rows.iter().filter(|row| row.hangs_by_one());
    let page = Matrix {
        w,
        zh: shell.lang == Lang::ZhTw,
        weak: weak.collect(),
        record,
    };
    framed(shell, w.t("matrix"), &page)
}
