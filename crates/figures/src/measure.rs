//! How wide a text will be, without knowing its font, and where it may be broken.

/// An em, in the unit of [`em`].
const EM: i32 = 100;

/// Whether a character takes a whole em, as Chinese ones and their punctuation do.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{2e80}'.. | '\u{2010}'..='\u{2027}' | '\u{2190}'..='\u{22ff}' | '\u{2460}'..='\u{27bf}')
}

fn em(c: char) -> i32 {
    if is_wide(c) {
        EM
    } else if c.is_uppercase() || matches!(c, 'm' | 'w' | '%' | '@') {
        70
    } else {
        55
    }
}

/// The estimated width of a text at a size, in pixels, rounded up.
pub(crate) fn width(text: &str, size: i32) -> i32 {
    let ems: i32 = text.chars().map(em).sum();
    (ems * size + EM - 1) / EM
}

/// Punctuation that must not begin a line.
const CLOSING: &str = "，。、；：！？」』）】》〉…·%";
/// Punctuation that must not end one.
const OPENING: &str = "「『（【《〈";

/// What may not be broken: a Latin word, or a Chinese character with the punctuation that clings to it.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    // Whether the next character goes on with the last piece.
    let mut open = false;
    for c in text.chars() {
        if c.is_whitespace() {
            pieces.push(" ".to_owned());
            open = false;
            continue;
        }
        let clings = CLOSING.contains(c) && pieces.last().is_some_and(|piece| piece != " ");
        let wide = is_wide(c);
        match pieces.last_mut() {
            Some(piece)
                if clings
                    || (open && !wide)
                    || piece.chars().all(|last| OPENING.contains(last)) =>
            {
                piece.push(c);
            }
            _ => pieces.push(c.to_string()),
        }
        open = !wide;
    }
    pieces
}

/// Breaks a text into lines of at most `most` pixels, as even in length as the number of lines allows.
pub(crate) fn wrap(text: &str, size: i32, most: i32) -> Vec<String> {
    let pieces = pieces(text);
    let widest = fill(&pieces, size, most);
    let mut best = widest.clone();
    let widths = pieces.iter().map(|piece| width(piece, size));
    let longest = widths.filter(|w| *w <= most).max().unwrap_or(0);
    let mut narrower = most - size;
    while narrower >= longest {
        let lines = fill(&pieces, size, narrower);
        if lines.len() > widest.len() {
            break;
        }
        best = lines;
        narrower -= size;
    }
    best
}

fn fill(pieces: &[String], size: i32, most: i32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in pieces {
        let fits = |line: &str| width(line, size) + width(piece, size) <= most;
        let line = lines.last().cloned().unwrap_or_default();
        if piece == " " {
            if !line.is_empty() {
                push(&mut lines, " ");
            }
        } else if fits(&line) || (line.is_empty() && width(piece, size) <= most) {
            push(&mut lines, piece);
        } else if width(piece, size) <= most {
            lines.push(piece.clone());
        } else {
            // A word that is longer than a line, an address for example, is broken anywhere.
            for c in piece.chars() {
                let line = lines.last().map_or("", String::as_str);
                if width(line, size) + width(&c.to_string(), size) > most {
                    lines.push(String::new());
                }
                push(&mut lines, &c.to_string());
            }
        }
    }
    let lines = lines.into_iter().map(|line| line.trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_takes_a_whole_em_and_latin_about_half() {
        assert_eq!(width("金流", 10), 20);
        assert_eq!(width("abcd", 10), 22);
        assert_eq!(width("，", 10), 10);
        assert_eq!(width("", 10), 0);
    }

    #[test]
    fn no_line_is_wider_than_it_may_be_and_nothing_is_lost() {
        let texts = [
            "商店先把訂單寫進帳本，再把買家交給 PAYUNi。",
            "https://localhost:8081/_sandbox/openapi.json?with=a-very-long-address",
            "a b c d e f g",
            "「一」、「二」、「三」：（四）",
            "HashInfo = SHA256(HashKey + EncryptInfo + HashIV)",
        ];
        for text in texts {
            for most in [60, 90, 140, 400] {
                let lines = wrap(text, 14, most);
                for line in &lines {
                    assert!(width(line, 14) <= most, "{line:?} at {most}");
                }
                let bare = |text: &str| text.replace(' ', "");
                assert_eq!(bare(&lines.concat()), bare(text), "{most}");
            }
        }
    }

    #[test]
    fn no_line_begins_with_a_comma_or_ends_with_an_open_bracket() {
        let text = "商店，商店，商店，「商店」，（商店），商店。商店；「商店」";
        for most in 60..200 {
            for line in wrap(text, 14, most) {
                let (first, last) = (line.chars().next(), line.chars().last());
                assert!(
                    !first.is_some_and(|c| CLOSING.contains(c)),
                    "{most}: {line}"
                );
                assert!(!last.is_some_and(|c| OPENING.contains(c)), "{most}: {line}");
            }
        }
    }

    #[test]
    fn words_stay_whole_and_lines_are_even() {
        assert_eq!(wrap("PAYUNi 通知", 10, 45), ["PAYUNi", "通知"]);
        assert_eq!(wrap("一二三四五六", 10, 50), ["一二三", "四五六"]);
    }
}
