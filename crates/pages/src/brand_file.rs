//! Pictures of the shop's own `brand/` folder, checked before they are served.

use thiserror::Error;

/// A file of the shop's own `brand/` folder.
#[derive(Clone, Debug)]
pub struct BrandFile {
    /// Its name, for example `logo.svg`. `logo`, `favicon` and `hero` take the place of the built-in ones;
    /// others are served as `/assets/brand/NAME`.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why a file of the brand folder is not served.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BrandFileFault {
    /// A name that is no plain file name.
    #[error("brand/{0}: use only letters, digits, `-`, `_` and one `.` in the file's name")]
    Name(String),
    /// Not a picture that browsers show.
    #[error("brand/{0}: only .svg, .png, .jpg, .webp and .avif pictures are served")]
    Kind(String),
    /// Too large for a page that loads fast.
    #[error(
        "brand/{name} has {bytes} bytes; make it smaller than {}",
        BRAND_FILE_BYTES_MAX
    )]
    Size {
        /// The file.
        name: String,
        /// Its size.
        bytes: usize,
    },
}

/// The largest picture served from the brand folder.
pub const BRAND_FILE_BYTES_MAX: usize = 1_048_576;

pub(crate) const SVG: &str = "image/svg+xml";

/// A file's name before its first dot.
pub(crate) fn stem(name: &str) -> &str {
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// Checks a picture's name, kind and size.
pub(crate) fn picture_type(file: &BrandFile) -> Result<&'static str, BrandFileFault> {
    let name = &file.name;
    let plain = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let Some((stem, extension)) = name.split_once('.') else {
        return Err(BrandFileFault::Name(name.clone()));
    };
    if !plain(stem) || !plain(extension) {
        return Err(BrandFileFault::Name(name.clone()));
    }
    let content_type = match extension.to_ascii_lowercase().as_str() {
        "svg" => SVG,
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        _ => return Err(BrandFileFault::Kind(name.clone())),
    };
    if file.bytes.len() > BRAND_FILE_BYTES_MAX {
        return Err(BrandFileFault::Size {
            name: name.clone(),
            bytes: file.bytes.len(),
        });
    }
    Ok(content_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> BrandFile {
        BrandFile {
            name: name.into(),
            bytes: bytes.into(),
        }
    }

    #[test]
    fn a_file_that_is_no_picture_is_refused_by_name() {
        let put = |f| picture_type(&f).unwrap_err();
        assert!(matches!(
            put(file("../key.svg", b"")),
            BrandFileFault::Name(_)
        ));
        assert!(matches!(put(file(".env", b"")), BrandFileFault::Name(_)));
        assert!(matches!(
            put(file("logo.svg.html", b"")),
            BrandFileFault::Name(_)
        ));
        assert!(matches!(
            put(file("page.html", b"")),
            BrandFileFault::Kind(_)
        ));
        let large = vec![0; BRAND_FILE_BYTES_MAX + 1];
        assert!(matches!(
            put(file("big.png", &large)),
            BrandFileFault::Size { .. }
        ));
    }
}
