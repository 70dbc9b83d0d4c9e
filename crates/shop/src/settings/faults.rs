//! Everything that is wrong with a configuration, told at once.

use std::fmt;

/// One thing that is wrong, where, and what to do about it. Never carries the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The variable, or the place in `jinliu.toml`.
    pub name: String,
    /// What is wrong, in Traditional Chinese.
    pub what: String,
    /// What to do, in Traditional Chinese.
    pub cure: String,
    /// The same in one line of English.
    pub english: String,
}

/// All faults of one configuration. Its `Display` is one message that a person can work through from top to bottom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a fault.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        what: impl Into<String>,
        cure: impl Into<String>,
        english: impl Into<String>,
    ) {
        self.0.push(Fault {
            name: name.into(),
            what: what.into(),
            cure: cure.into(),
            english: english.into(),
        });
    }

    /// Adds all of another list.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// Whether a variable or a place is among the faults.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.0.iter().any(|fault| fault.name == name)
    }

    /// `Ok(value)` where nothing is wrong.
    ///
    /// # Errors
    /// The faults themselves.
    pub(crate) fn or<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            Some(_) | None => Err(self),
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "設定有 {} 處需要修正，全部列在這裡（什麼都還沒有啟動）。\n{} fault(s) in the configuration; nothing was started.",
            self.0.len(),
            self.0.len()
        )?;
        for (number, fault) in self.0.iter().enumerate() {
            write!(
                f,
                "\n{:>2}. {}：{}\n    → {}\n    {}\n",
                number + 1,
                fault.name,
                fault.what,
                fault.cure,
                fault.english
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
