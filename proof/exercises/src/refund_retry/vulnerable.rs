use super::{Gateway, Refund, State};

pub(super) fn give_back(payuni: &mut Gateway, refund: &mut Refund) {
    let mut answer = payuni.refund(refund.amount);
    if answer.is_err() {
        // The line was bad. Once more.
        answer = payuni.refund(refund.amount);
    }
    if answer.is_ok() {
        refund.state = State::Done;
    }
}
