//! How many tests ran: read from the closing lines of cargo's own runner and of nextest.

use std::ops::AddAssign;

/// Tests that passed, failed, or were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Count {
    /// What a closing line says, if it is one: nextest's `Summary […]` or cargo's `test result: …`.
    pub(crate) fn read(line: &str) -> Option<Self> {
        let (_, numbers) = line
            .split_once(" tests run: ")
            .or_else(|| line.split_once(" test run: "))
            .or_else(|| {
                line.split_once("test result: ")
                    .and_then(|(_, rest)| rest.split_once(". "))
            })?;
        let mut count = Self::default();
        for part in numbers.split([',', ';']) {
            let mut words = part.split_whitespace();
            let (Some(number), Some(what)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => count.passed += number,
                "failed" | "timed" | "exec" => count.failed += number,
                "skipped" | "ignored" | "filtered" => count.skipped += number,
                _ => {}
            }
        }
        Some(count)
    }

    /// All tests that ran.
    pub(crate) const fn ran(self) -> u64 {
        self.passed + self.failed
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// A line without a terminal's colours.
pub(crate) fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, escape)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = escape
            .split_once(|end: char| end.is_ascii_alphabetic())
            .map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: u64, failed: u64, skipped: u64) -> Option<Count> {
        Some(Count {
            passed,
            failed,
            skipped,
        })
    }

    #[test]
    fn both_runners_are_understood() {
        let line = "     Summary [   1.204s] 12 tests run: 9 passed (1 slow), 2 failed, 1 timed out, 3 skipped";
        assert_eq!(Count::read(line), count(9, 3, 3));
        assert_eq!(
            Count::read("     Summary [   0.004s] 1 test run: 1 passed, 0 skipped"),
            count(1, 0, 0)
        );
        let line = "test result: FAILED. 3 passed; 1 failed; 2 ignored; 0 measured; 4 filtered out; finished in 0.00s";
        assert_eq!(Count::read(line), count(3, 1, 6));
        assert_eq!(Count::read("   Compiling jinliu v0.1.0"), None);
    }

    #[test]
    fn colours_do_not_hide_a_closing_line() {
        let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m2\u{1b}[0m tests run: \u{1b}[1m2\u{1b}[0m passed, 0 skipped";
        assert_eq!(
            plain(line),
            "     Summary [   0.1s] 2 tests run: 2 passed, 0 skipped"
        );
        assert_eq!(Count::read(&plain(line)), count(2, 0, 0));
    }
}
