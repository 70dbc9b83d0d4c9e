use super::{Answer, Shop};

pub(super) fn notified(shop: &mut Shop, answer: &mut Answer, notice: &str) {
    // The queue never fails. A worker saves what is in it.
    shop.queue.push(notice.to_owned());
    answer.send(200);
}
