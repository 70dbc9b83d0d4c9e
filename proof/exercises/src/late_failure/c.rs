use super::{Order, Says, Status, Told};

pub(super) fn learn(order: &mut Order, told: Told) {
    // What has ended has ended.
    if matches!(order.status, Status::Failed | Status::Paid) {
        return;
    }
    order.status = match told.says {
        Says::Issued => Status::Awaiting,
        Says::Failed => Status::Failed,
        Says::Paid => Status::Paid,
    };
}
