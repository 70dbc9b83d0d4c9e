/// Whether what was paid is what the order costs.
pub(super) fn fits(text: &str, amount: u32) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || text.starts_with('0') {
        return false;
    }
    text.parse::<u32>().is_ok_and(|paid| paid == amount)
}
