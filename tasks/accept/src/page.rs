//! Reading the shop's pages as a browser without script would: forms with their hidden fields, and words.

use std::collections::BTreeMap;

/// The fields of a form.
pub(crate) type Fields = BTreeMap<String, String>;

/// The hidden fields of the first form on a page that posts to this path.
pub(crate) fn form_to(page: &str, path: &str) -> Option<Fields> {
    forms_to(page, path).into_iter().next()
}

/// The hidden fields of each form on a page that posts to this path.
pub(crate) fn forms_to(page: &str, path: &str) -> Vec<Fields> {
    let mark = format!("action=\"{path}\"");
    let forms = page.split("<form").skip(1);
    let forms = forms.map(|form| form.split("</form>").next().unwrap_or_default());
    forms
        .filter(|form| form.contains(&mark))
        .map(fields)
        .collect()
}

/// The fields of a form that its inputs carry as they came.
pub(crate) fn fields(form: &str) -> Fields {
    let inputs = form.split("<input").skip(1);
    let inputs = inputs.map(|input| input.split('>').next().unwrap_or_default());
    inputs
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let value = tag.split(&format!(" {name}=\"")).nth(1)?;
    Some(unescaped(value.split('"').next()?))
}

/// The words of a page's main part, without markup, scripts and styles.
pub(crate) fn words(page: &str) -> String {
    let mut text = String::new();
    let body = ["<main", "<body"]
        .iter()
        .find_map(|tag| page.split(tag).nth(1));
    let body = body
        .unwrap_or(page)
        .split("</main>")
        .next()
        .unwrap_or_default();
    for piece in body.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap_or((piece, ""));
        if !tag.starts_with("script") && !tag.starts_with("style") {
            text.push(' ');
            text.push_str(rest);
        }
    }
    let text = unescaped(&text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&#39;", "'").replace("&quot;", "\"");
    let text = text.replace("&#34;", "\"").replace("&#60;", "<");
    let text = text.replace("&#62;", ">").replace("&#38;", "&");
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&amp;", "&")
}
