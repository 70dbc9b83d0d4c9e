use super::{Order, Says, Status, Told};

pub(super) fn learn(order: &mut Order, told: Told) {
    order.facts.insert(told.says);
    // From the strongest fact to the weakest, whenever it came.
    order.status = if order.facts.contains(&Says::Paid) {
        Status::Paid
    } else if order.facts.contains(&Says::Failed) {
        Status::Failed
    } else {
        Status::Awaiting
    };
}
