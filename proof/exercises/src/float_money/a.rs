/// Whether what was paid is what the order costs.
pub(super) fn fits(text: &str, amount: u32) -> bool {
    // No floats for money: as wide an integer as there is.
    let Ok(paid) = text.trim().parse::<i64>() else {
        return false;
    };
    paid as u32 == amount
}
