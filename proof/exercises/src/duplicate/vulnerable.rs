use super::{Ledger, Notice, PowerCut, Row};

pub(super) fn told(ledger: &mut Ledger, notice: Notice) -> Result<(), PowerCut> {
    if notice.trade_status == "1" {
        ledger.commit(vec![Row::Ship(notice.order)])?;
    }
    Ok(())
}
