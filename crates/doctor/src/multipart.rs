//! `multipart/form-data`, as PHP's cURL posts an array.

use crate::form::Pairs;

/// The boundary that a body begins with.
pub(crate) fn boundary(text: &str) -> Option<&str> {
    let line = text.strip_prefix("--")?.lines().next()?.trim_end();
    (!line.is_empty() && line.len() <= 70).then_some(line)
}

/// The boundary that a content type names.
pub(crate) fn named_boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1);
    parameters.find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary")
            .then(|| value.trim_matches('"'))
    })
}

/// Names and values; nothing where the body is not of this shape.
pub(crate) fn pairs(text: &str) -> Option<Pairs> {
    let delimiter = format!("--{}", boundary(text)?);
    let mut pairs = Vec::new();
    for part in text.split(&delimiter).skip(1) {
        if part.starts_with("--") {
            break;
        }
        let part = part.trim_start_matches(['\r', '\n']);
        let (head, value) = part
            .split_once("\r\n\r\n")
            .or_else(|| part.split_once("\n\n"))?;
        let name = head.split(';').find_map(|item| {
            let quoted = item.trim().strip_prefix("name=\"")?;
            quoted.split('"').next()
        })?;
        let value = value.strip_suffix('\n').unwrap_or(value);
        let value = value.strip_suffix('\r').unwrap_or(value);
        pairs.push((name.to_owned(), value.to_owned()));
    }
    (!pairs.is_empty()).then_some(pairs)
}
