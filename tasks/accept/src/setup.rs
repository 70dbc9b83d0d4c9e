//! How a world is set up: its shop file, its pictures, its environment.

use crate::program::Env;
use anyhow::Result;
use std::{fs, path::Path};

/// The shop of an acceptance: little to buy, much room, quick questions. Whatever it does not say is as the program has it
/// built in, so that an adopter's own `jinliu.toml` neither helps nor hinders.
pub(crate) const SHOP_FILE: &str = r#"
[limits]
checkout_per_minute = 600

[reconcile]
waits_seconds = [1]

[[product]]
id = "tea"
name = "高山烏龍茶"
price = 680
stock = 1000

[[product]]
id = "cup"
name = "手作對杯"
price = 1280
stock = 1000
"#;

/// How a world is set up.
pub(crate) struct Setup {
    /// Files of the working folder: path and content.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    /// What the shop is told by its environment, besides.
    pub(crate) env: Env,
    /// Whether shop and sandbox are programs of their own: `jinliu serve` and `jinliu sandbox`.
    pub(crate) apart: bool,
}

impl Setup {
    /// A demo with the acceptance's own shop file.
    pub(crate) fn demo() -> Self {
        let files = vec![("jinliu.toml".to_owned(), SHOP_FILE.into())];
        Self {
            files,
            env: Env::new(),
            apart: false,
        }
    }

    /// `jinliu serve` beside `jinliu sandbox`, as in life; the sandbox outlives the shop's restarts.
    pub(crate) fn apart() -> Self {
        Self {
            apart: true,
            ..Self::demo()
        }
    }

    /// With this instead of the acceptance's own shop file.
    pub(crate) fn shop_file(self, text: &str) -> Self {
        self.file("jinliu.toml", text.as_bytes())
    }

    /// With the shop file and the pictures of the tree that is judged.
    pub(crate) fn dressed_as(self, tree: &Path) -> Result<Self> {
        let mut setup = self.file("jinliu.toml", &fs::read(tree.join("jinliu.toml"))?);
        for entry in fs::read_dir(tree.join("brand"))? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                let name = format!("brand/{}", entry.file_name().to_string_lossy());
                setup = setup.file(&name, &fs::read(entry.path())?);
            }
        }
        Ok(setup)
    }

    /// With a file in the working folder, instead of one that is there.
    pub(crate) fn file(mut self, path: &str, content: &[u8]) -> Self {
        self.files.retain(|(known, _)| known != path);
        self.files.push((path.to_owned(), content.to_owned()));
        self
    }

    /// With a variable in the shop's environment.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }
}
