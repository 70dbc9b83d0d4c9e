use super::{CAPTURED, Ledger, TooMuch};

pub(super) fn ask(ledger: &mut Ledger, amount: u32) -> Result<(), TooMuch> {
    ledger.write(|refunds| {
        // A payment is given back once, and that is that.
        if !refunds.is_empty() || amount > CAPTURED {
            return Err(TooMuch);
        }
        refunds.add(amount);
        Ok(())
    })
}
