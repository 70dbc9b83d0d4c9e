use super::{Answer, Shop};

pub(super) fn notified(shop: &mut Shop, answer: &mut Answer, notice: &str) {
    if shop.disk.save(notice).is_err() {
        eprintln!("a notice was not saved");
    }
    // Or PAYUNi would send the same again and again.
    answer.send(200);
}
