use super::{Order, Says, Status, Told};

pub(super) fn learn(order: &mut Order, told: Told) {
    // Older than what we know: it was late on its way.
    if told.at < order.last_told {
        return;
    }
    order.last_told = told.at;
    order.status = match told.says {
        Says::Issued => Status::Awaiting,
        Says::Failed => Status::Failed,
        Says::Paid => Status::Paid,
    };
}
