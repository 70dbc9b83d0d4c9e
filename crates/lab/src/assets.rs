//! The laboratory's style, at an address that names its content. There is no script.

use crate::MOUNT;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const TEXT: &str = include_str!("../assets/lab.css");

static PATH: LazyLock<String> = LazyLock::new(|| {
    let hash = hex::encode(Sha256::digest(TEXT));
    format!("assets/lab.{}.css", hash.get(..12).unwrap_or_default())
});

/// The style's address, from the root.
pub(crate) fn css_url() -> String {
    format!("{MOUNT}/{}", *PATH)
}

/// The style, where that is what stands at an address below the mount.
#[must_use]
pub fn css(path: &str) -> Option<&'static str> {
    (path == *PATH).then_some(TEXT)
}
