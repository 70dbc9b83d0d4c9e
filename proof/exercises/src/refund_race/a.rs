use super::{CAPTURED, Ledger, TooMuch};

pub(super) fn ask(ledger: &mut Ledger, amount: u32) -> Result<(), TooMuch> {
    // Look twice: before, and right before it is written.
    for _ in 0..2 {
        if ledger.reserved() + amount > CAPTURED {
            return Err(TooMuch);
        }
    }
    ledger.write(|refunds| refunds.add(amount));
    Ok(())
}
