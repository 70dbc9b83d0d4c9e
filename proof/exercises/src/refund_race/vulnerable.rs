use super::{CAPTURED, Ledger, TooMuch};

pub(super) fn ask(ledger: &mut Ledger, amount: u32) -> Result<(), TooMuch> {
    if ledger.reserved() + amount > CAPTURED {
        return Err(TooMuch);
    }
    ledger.write(|refunds| refunds.add(amount));
    Ok(())
}
