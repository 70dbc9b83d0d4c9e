use super::{Answer, Shop};

pub(super) fn notified(shop: &mut Shop, answer: &mut Answer, notice: &str) {
    match shop.disk.save(notice) {
        Ok(()) => answer.send(200),
        // Not stored: whoever sent it must come back.
        Err(_) => answer.send(503),
    }
}
