use super::{Answer, Shop};

pub(super) fn notified(shop: &mut Shop, answer: &mut Answer, notice: &str) {
    // PAYUNi does not wait for long: answer at once.
    answer.send(200);
    if shop.disk.save(notice).is_err() {
        answer.send(503);
    }
}
