//! Reads a table of a TOML document key by key, so that every fault is found at once and says its line.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::Faults;
use super::shop_file::FILE;

/// A table that is being read: each read takes its key out, and what is left in the end is unknown.
pub(super) struct Section<'a> {
    text: &'a str,
    /// Empty for the document itself.
    name: String,
    start: usize,
    table: DeTable<'a>,
    known: Vec<&'static str>,
}

/// The whole document. `None` where it is not TOML at all; every such fault is added.
pub(super) fn document<'a>(text: &'a str, faults: &mut Faults) -> Option<Section<'a>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = error.span().map_or(1, |span| line(text, span.start));
        faults.add(
            format!("{FILE} 第 {line} 行"),
            format!("不合 TOML 的寫法（{}）", error.message()),
            "文字要用雙引號包起來，逗號、引號要是半形",
            format!("Not TOML: {}.", error.message()),
        );
    }
    errors.is_empty().then(|| Section {
        text,
        name: String::new(),
        start: 0,
        table: table.into_inner(),
        known: Vec::new(),
    })
}

/// 1-based line of a byte offset.
fn line(text: &str, at: usize) -> usize {
    let end = at.min(text.len());
    text.as_bytes()[..end]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

impl<'a> Section<'a> {
    /// The line on which the section begins.
    pub(super) fn line(&self) -> usize {
        line(self.text, self.start)
    }

    /// The line of a key, or that of the section where the key is missing.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.table
            .get(key)
            .map_or_else(|| self.line(), |value| line(self.text, value.span().start))
    }

    fn take(&mut self, key: &'static str) -> Option<(Range<usize>, DeValue<'a>)> {
        self.known.push(key);
        self.table
            .remove(key)
            .map(|value| (value.span(), value.into_inner()))
    }

    fn place(&self, key: &str, at: usize) -> String {
        let dot = if self.name.is_empty() { "" } else { "." };
        format!(
            "{FILE} 第 {} 行 {}{dot}{key}",
            line(self.text, at),
            self.name
        )
    }

    /// A key that is not there: its default, or a fault where there is none.
    fn absent<T>(&self, key: &str, default: Option<T>, faults: &mut Faults) -> Option<T> {
        if default.is_none() {
            faults.add(
                self.place(key, self.start),
                "沒有寫",
                format!("補上 {key} = …"),
                format!("{key} is missing."),
            );
        }
        default
    }

    fn wrong(&self, key: &str, at: usize, says: &str, english: &str, faults: &mut Faults) {
        faults.add(self.place(key, at), says, "照上面說的改好這一行", english);
    }

    /// A text of a length in characters.
    pub(super) fn text(
        &mut self,
        key: &'static str,
        length: RangeInclusive<usize>,
        default: Option<&str>,
        faults: &mut Faults,
    ) -> Option<String> {
        let Some((span, value)) = self.take(key) else {
            return self.absent(key, default.map(str::to_owned), faults);
        };
        let Some(text) = value.as_str().map(str::trim) else {
            self.wrong(
                key,
                span.start,
                "要是文字，用雙引號包起來",
                "Must be a string.",
                faults,
            );
            return None;
        };
        let (least, most) = length.into_inner();
        if !(least..=most).contains(&text.chars().count()) {
            let says = format!("長度要在 {least} 到 {most} 個字之間");
            let english = format!("Must have {least} to {most} characters.");
            self.wrong(key, span.start, &says, &english, faults);
            return None;
        }
        // Line breaks are for texts; a name with control characters would reach the gateway and the sheet.
        if text
            .chars()
            .any(|c| c.is_control() && !(most > 400 && c == '\n'))
        {
            self.wrong(
                key,
                span.start,
                "裡面有控制字元或換行",
                "Holds control characters.",
                faults,
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// A text that a rule accepts. `says` tells the rule.
    pub(super) fn checked(
        &mut self,
        key: &'static str,
        default: Option<&str>,
        faults: &mut Faults,
        rule: fn(&str) -> bool,
        says: &str,
    ) -> Option<String> {
        let at = self
            .table
            .get(key)
            .map_or(self.start, |value| value.span().start);
        let text = self.text(key, 0..=500, default, faults)?;
        if !rule(&text) {
            self.wrong(key, at, says, &format!("{key} has a wrong form."), faults);
            return None;
        }
        Some(text)
    }

    /// `true` or `false`.
    pub(super) fn switch(
        &mut self,
        key: &'static str,
        default: Option<bool>,
        faults: &mut Faults,
    ) -> Option<bool> {
        let Some((span, value)) = self.take(key) else {
            return self.absent(key, default, faults);
        };
        let switch = value.as_bool();
        if switch.is_none() {
            let says = "要寫 true 或 false，不加引號";
            self.wrong(key, span.start, says, "Must be true or false.", faults);
        }
        switch
    }

    /// A whole number in a range.
    pub(super) fn whole(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
        default: Option<u32>,
        faults: &mut Faults,
    ) -> Option<u32> {
        let Some((span, value)) = self.take(key) else {
            return self.absent(key, default, faults);
        };
        self.number(key, &span, &value, &range, faults)
    }

    /// A list of whole numbers, each in a range. `None` where the key is missing; what is wrong is left out.
    pub(super) fn wholes(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
        faults: &mut Faults,
    ) -> Option<Vec<u32>> {
        let (span, value) = self.take(key)?;
        let Some(items) = value.as_array() else {
            let says = "要是一串數字，例如 [20, 60, 300]";
            self.wrong(key, span.start, says, "Must be a list of numbers.", faults);
            return Some(vec![*range.start()]);
        };
        let numbers = items
            .iter()
            .filter_map(|item| self.number(key, &item.span(), item.get_ref(), &range, faults))
            .collect();
        Some(numbers)
    }

    fn number(
        &self,
        key: &str,
        span: &Range<usize>,
        value: &DeValue<'_>,
        range: &RangeInclusive<u32>,
        faults: &mut Faults,
    ) -> Option<u32> {
        let number = value
            .as_integer()
            .and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok())
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            let says = format!("要是 {least} 到 {most} 的整數，不加引號、逗號或小數點");
            let english = format!("Must be a whole number from {least} to {most}.");
            self.wrong(key, span.start, &says, &english, faults);
        }
        number
    }

    /// A table below this one. A missing one is an empty one.
    pub(super) fn table(&mut self, key: &'static str, faults: &mut Faults) -> Self {
        let (start, table) = match self.take(key) {
            Some((span, DeValue::Table(table))) => (span.start, table),
            Some((span, _)) => {
                let says = format!("要是一個區塊：[{key}]");
                self.wrong(key, span.start, &says, "Must be a table.", faults);
                (span.start, DeTable::new())
            }
            None => (0, DeTable::new()),
        };
        Section {
            text: self.text,
            name: key.to_owned(),
            start,
            table,
            known: Vec::new(),
        }
    }

    /// The tables of a `[[key]]` list. A missing one is an empty one.
    pub(super) fn tables(&mut self, key: &'static str, faults: &mut Faults) -> Vec<Self> {
        let Some((span, value)) = self.take(key) else {
            return Vec::new();
        };
        let mut sections = Vec::new();
        let items = if let DeValue::Array(items) = value {
            items
                .into_iter()
                .map(|item: Spanned<DeValue<'a>>| (item.span(), item.into_inner()))
                .collect()
        } else {
            vec![(span, value)]
        };
        for (span, item) in items {
            if let DeValue::Table(table) = item {
                let (text, start) = (self.text, span.start);
                sections.push(Section {
                    text,
                    name: key.to_owned(),
                    start,
                    table,
                    known: Vec::new(),
                });
            } else {
                let says = format!("要寫成 [[{key}]] 區塊");
                self.wrong(
                    key,
                    span.start,
                    &says,
                    "Must be an array of tables.",
                    faults,
                );
            }
        }
        sections
    }

    /// Names what nobody has read.
    pub(super) fn finish(self, faults: &mut Faults) {
        for key in self.table.keys() {
            faults.add(
                self.place(key.get_ref(), key.span().start),
                "沒有這個設定",
                format!("檢查拼字；這裡可以用的是：{}", self.known.join("、")),
                format!(
                    "Unknown key {:?}; known here: {}.",
                    key.get_ref(),
                    self.known.join(", ")
                ),
            );
        }
    }
}
