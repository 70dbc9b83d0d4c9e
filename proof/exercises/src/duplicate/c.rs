use super::{Ledger, Notice, PowerCut, Row};

pub(super) fn told(ledger: &mut Ledger, notice: Notice) -> Result<(), PowerCut> {
    let meaning = format!("{}/{}", notice.trade_no, notice.trade_status);
    let seen = Row::Seen(meaning);
    if ledger.knows(&seen) {
        return Ok(());
    }
    // First of all, so that no repeat slips through.
    ledger.commit(vec![seen])?;
    if notice.trade_status == "1" {
        ledger.commit(vec![Row::Ship(notice.order)])?;
    }
    Ok(())
}
