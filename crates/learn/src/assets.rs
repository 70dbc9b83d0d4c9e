//! The reader's style and script, at addresses that name their content.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::MOUNT;

/// A file that pages load.
pub(crate) struct Asset {
    /// Its address below the mount.
    pub(crate) path: String,
    pub(crate) content_type: &'static str,
    pub(crate) text: &'static str,
}

impl Asset {
    fn new(name: &str, ending: &str, content_type: &'static str, text: &'static str) -> Self {
        let hash = hex::encode(Sha256::digest(text));
        let short = hash.get(..12).unwrap_or_default();
        Self {
            path: format!("assets/{name}.{short}.{ending}"),
            content_type,
            text,
        }
    }

    /// Its address, from the root.
    pub(crate) fn url(&self) -> String {
        format!("{MOUNT}/{}", self.path)
    }
}

pub(crate) static CSS: LazyLock<Asset> = LazyLock::new(|| {
    let text = include_str!("../assets/learn.css");
    Asset::new("learn", "css", "text/css; charset=utf-8", text)
});

pub(crate) static JS: LazyLock<Asset> = LazyLock::new(|| {
    let text = include_str!("../assets/learn.js");
    Asset::new("learn", "js", "text/javascript; charset=utf-8", text)
});

/// The file at an address below the mount.
pub(crate) fn find(path: &str) -> Option<&'static Asset> {
    let all: [&'static Asset; 2] = [&CSS, &JS];
    all.into_iter().find(|asset| asset.path == path)
}
