use super::{CAPTURED, Ledger, TooMuch};

pub(super) fn ask(ledger: &mut Ledger, amount: u32) -> Result<(), TooMuch> {
    ledger.write(|refunds| {
        if refunds.total() + amount > CAPTURED {
            return Err(TooMuch);
        }
        refunds.add(amount);
        Ok(())
    })
}
