use super::{Gateway, Refund, State};

pub(super) fn give_back(payuni: &mut Gateway, refund: &mut Refund) {
    if let State::InDoubt { before } = refund.state {
        // Only what PAYUNi shows leads out of doubt.
        let happened = payuni.given_back() >= before + refund.amount;
        refund.state = if happened {
            State::Done
        } else {
            State::Reserved
        };
        return;
    }
    let before = payuni.given_back();
    refund.state = State::InDoubt { before };
    if payuni.refund(refund.amount).is_ok() {
        refund.state = State::Done;
    }
}
