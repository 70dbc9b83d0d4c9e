use super::{Ledger, Notice, PowerCut, Row};

pub(super) fn told(ledger: &mut Ledger, notice: Notice) -> Result<(), PowerCut> {
    // A trade number is unique, so it tells a repeat.
    let seen = Row::Seen(notice.trade_no.to_owned());
    if ledger.knows(&seen) {
        return Ok(());
    }
    let mut rows = vec![seen];
    if notice.trade_status == "1" {
        rows.push(Row::Ship(notice.order));
    }
    ledger.commit(rows)
}
