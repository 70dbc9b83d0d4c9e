//! Amounts as people read them.

/// Writes whole New Taiwan dollars with separators: `NT$ 1,280`.
#[must_use]
pub fn twd(dollars: u64) -> String {
    let digits = dollars.to_string();
    let mut out = String::from("NT$ ");
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::twd;

    #[test]
    fn separators_stand_every_three_digits_from_the_right() {
        for (amount, text) in [
            (0, "NT$ 0"),
            (7, "NT$ 7"),
            (999, "NT$ 999"),
            (1_280, "NT$ 1,280"),
            (199_999, "NT$ 199,999"),
            (1_000_000, "NT$ 1,000,000"),
        ] {
            assert_eq!(twd(amount), text);
        }
    }
}
