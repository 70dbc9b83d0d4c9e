//! What a proof says of itself: `{"name", "ok", "seconds", "counts", "failures"}`, or a list of such.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

/// A proof's own account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Report {
    pub(crate) name: String,
    pub(crate) ok: bool,
    /// How long it took, as the proof measured it.
    pub(crate) seconds: Value,
    pub(crate) counts: Map<String, Value>,
    pub(crate) failures: Vec<Value>,
    /// Whether only some of its targets ran: what is recorded of the others stays.
    pub(crate) part: bool,
}

impl Report {
    /// Reads what a proof wrote and holds it against the names that are expected.
    ///
    /// # Errors
    /// Where a field is missing or of another kind, a report contradicts itself, counts nothing, or a name is missing
    /// or unexpected.
    pub(crate) fn read(text: &str, expected: &[&str]) -> Result<Vec<Self>> {
        let value = serde_json::from_str(text).context("its report is no JSON")?;
        let values = match value {
            Value::Array(values) => values,
            value @ (Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_)) => vec![value],
        };
        let reports: Vec<Self> = values
            .into_iter()
            .map(Self::from_value)
            .collect::<Result<_>>()?;
        check(reports, expected)
    }

    /// This one alone, held against what is expected.
    ///
    /// # Errors
    /// As [`Report::read`].
    pub(crate) fn checked(self, expected: &[&str]) -> Result<Vec<Self>> {
        check(vec![self], expected)
    }

    /// A report by this program.
    pub(crate) fn new(
        name: &str,
        seconds: u64,
        counts: Map<String, Value>,
        failures: Vec<String>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            ok: failures.is_empty(),
            seconds: seconds.into(),
            counts,
            failures: failures.into_iter().map(Value::String).collect(),
            part: false,
        }
    }

    /// A proof that could not report by itself.
    pub(crate) fn failed(name: &str, seconds: u64, why: &str) -> Self {
        Self {
            name: name.to_owned(),
            ok: false,
            seconds: seconds.into(),
            counts: Map::new(),
            failures: vec![why.into()],
            part: false,
        }
    }

    /// The failures in one line, cut where there are many.
    pub(crate) fn complaint(&self) -> String {
        let shown: Vec<String> = self.failures.iter().take(3).map(said).collect();
        let more = match self.failures.len().saturating_sub(shown.len()) {
            0 => String::new(),
            more => format!(" … and {more} more"),
        };
        format!("{} FAILED: {}{more}", self.name, shown.join("; "))
    }

    fn from_value(value: Value) -> Result<Self> {
        let Value::Object(mut fields) = value else {
            bail!("a report is an object, not {value}");
        };
        let mut take = |name: &str| {
            fields
                .remove(name)
                .with_context(|| format!("a report without `{name}`"))
        };
        let (name, ok, seconds) = (take("name")?, take("ok")?, take("seconds")?);
        let (counts, failures) = (take("counts")?, take("failures")?);
        let (Value::String(name), Value::Bool(ok), Value::Number(seconds)) = (name, ok, seconds)
        else {
            bail!("`name` is a string, `ok` true or false, `seconds` a number");
        };
        let (Value::Object(counts), Value::Array(failures)) = (counts, failures) else {
            bail!("{name}: `counts` is an object, `failures` a list");
        };
        Ok(Self {
            name,
            ok,
            seconds: Value::Number(seconds),
            counts,
            failures,
            part: false,
        })
    }
}

/// Holds reports against the names that are expected and against themselves.
fn check(reports: Vec<Report>, expected: &[&str]) -> Result<Vec<Report>> {
    let mut names: Vec<&str> = reports.iter().map(|report| report.name.as_str()).collect();
    let mut wanted = expected.to_vec();
    names.sort_unstable();
    wanted.sort_unstable();
    ensure!(
        names == wanted,
        "it reports {names:?}, and {wanted:?} were expected"
    );
    for report in &reports {
        let name = &report.name;
        ensure!(
            report.ok == report.failures.is_empty(),
            "{name}: ok = {}, with {} failures",
            report.ok,
            report.failures.len()
        );
        ensure!(
            !report.ok || report.counts.values().any(counts_something),
            "{name}: nothing was counted, so nothing was proved"
        );
    }
    Ok(reports)
}

/// Whether a number above nought stands anywhere in it.
fn counts_something(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_u64().is_some_and(|number| number > 0),
        Value::Array(values) => values.iter().any(counts_something),
        Value::Object(fields) => fields.values().any(counts_something),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn said(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        Report::read(text, &["kills"]).unwrap_err().to_string()
    }

    #[test]
    fn one_report_and_a_list_of_them_are_read() {
        let kills =
            r#"{"name":"kills","ok":true,"seconds":3,"counts":{"cycles":500},"failures":[]}"#;
        let power =
            r#"{"name":"power","ok":false,"seconds":1.5,"counts":{},"failures":["lost 1"]}"#;
        let read = Report::read(kills, &["kills"]).unwrap();
        assert!(read[0].ok && read[0].counts["cycles"] == 500);
        let read = Report::read(&format!("[{kills},{power}]"), &["power", "kills"]).unwrap();
        assert_eq!(read[1].complaint(), "power FAILED: lost 1");
    }

    #[test]
    fn a_report_that_proves_nothing_is_none() {
        let report = |ok: bool, counts: &str, failures: &str| {
            format!(
                r#"{{"name":"kills","ok":{ok},"seconds":3,"counts":{counts},"failures":{failures}}}"#
            )
        };
        assert!(refused(&report(true, "{}", "[]")).contains("nothing was counted"));
        assert!(refused(&report(true, r#"{"a":{"b":0}}"#, "[]")).contains("nothing was counted"));
        assert!(refused(&report(true, r#"{"a":1}"#, r#"["lost"]"#)).contains("1 failures"));
        assert!(refused(&report(false, r#"{"a":1}"#, "[]")).contains("0 failures"));
        assert!(refused("[]").contains("expected"));
        assert!(refused("{}").contains("without `name`"));
        assert!(refused("").contains("no JSON"));
        let other = report(true, r#"{"a":1}"#, "[]").replace("kills", "kill");
        assert!(refused(&other).contains("expected"));
    }
}
