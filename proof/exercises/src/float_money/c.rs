#![expect(clippy::float_arithmetic, reason = "this is the mistake")]

/// Whether what was paid is what the order costs.
pub(super) fn fits(text: &str, amount: u32) -> bool {
    let Ok(paid) = text.parse::<f64>() else {
        return false;
    };
    // In cents, and rounded, so that no error is left.
    let cents = (paid * 100.0).round() as u64;
    cents == u64::from(amount) * 100
}
