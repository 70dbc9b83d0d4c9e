use super::{Order, Says, Status, Told};

pub(super) fn learn(order: &mut Order, told: Told) {
    order.status = match told.says {
        Says::Issued => Status::Awaiting,
        Says::Failed => Status::Failed,
        Says::Paid => Status::Paid,
    };
}
