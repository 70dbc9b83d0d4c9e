//! What this shop puts in place of the defaults. **Put your own fulfilment here**: `demo`, `serve` and `reconcile` all
//! take it from this one place.

use anyhow::Context;
use shop::app::Parts;
use std::path::Path;

/// Returns the shop's own parts; `dir` is the working folder.
///
/// # Errors
/// A picture in `brand/` that cannot be read.
pub fn parts(dir: &Path) -> anyhow::Result<Parts> {
    Ok(Parts {
        // fulfilment: Some(Arc::new(YourWarehouse::new())),
        brand_files: brand_files(dir)?,
        #[cfg(feature = "crash-points")]
        clock: shop::Clock::with_rate(crash_points::rate().unwrap_or(1)),
        ..Parts::default()
    })
}

/// Reads the owner's pictures from `brand/`, where there is such a folder.
///
/// # Errors
/// A file that cannot be read.
fn brand_files(dir: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let Ok(folder) = std::fs::read_dir(dir.join("brand")) else {
        return Ok(Vec::new());
    };
    let mut files = Vec::new();
    for entry in folder {
        let path = entry?.path();
        let kind = path
            .extension()
            .and_then(|kind| kind.to_str())
            .unwrap_or_default()
            .to_ascii_lowercase();
        // An `.ico` is no picture for these pages: it is taken to the shop, which says so.
        if !["svg", "png", "jpg", "jpeg", "webp", "avif", "ico"].contains(&kind.as_str()) {
            continue;
        }
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            let bytes =
                std::fs::read(&path).with_context(|| format!("讀不到 {}", path.display()))?;
            files.push((name.to_owned(), bytes));
        }
    }
    files.sort();
    Ok(files)
}
