use super::{Ledger, Notice, PowerCut, Row};

pub(super) fn told(ledger: &mut Ledger, notice: Notice) -> Result<(), PowerCut> {
    let meaning = format!("{}/{}", notice.trade_no, notice.trade_status);
    let seen = Row::Seen(meaning);
    if ledger.knows(&seen) {
        return Ok(());
    }
    let mut rows = vec![seen];
    if notice.trade_status == "1" {
        rows.push(Row::Ship(notice.order));
    }
    ledger.commit(rows)
}
