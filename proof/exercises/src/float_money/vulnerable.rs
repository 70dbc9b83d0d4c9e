#![expect(clippy::float_arithmetic, reason = "this is the mistake")]

/// Whether what was paid is what the order costs.
pub(super) fn fits(text: &str, amount: u32) -> bool {
    let Ok(paid) = text.parse::<f64>() else {
        return false;
    };
    // Floats are never quite equal.
    (paid - f64::from(amount)).abs() < 1.0
}
