//! An order's progress as steps: what is known, and what is awaited.

use crate::shell::When;
use crate::status::OrderStatus;
use crate::text::Text;

/// What is known of an order, with the time at which it was recorded.
#[derive(Clone, Debug, Default)]
pub struct OrderTimes {
    /// Order placed.
    pub placed: Option<When>,
    /// A payment number was issued.
    pub number_issued: Option<When>,
    /// The gateway reported the payment.
    pub paid: Option<When>,
    /// Our own query agreed.
    pub confirmed: Option<When>,
    /// Delivered.
    pub fulfilled: Option<When>,
    /// Last refund.
    pub refunded: Option<When>,
    /// Expired, cancelled, or handed to a person.
    pub closed: Option<When>,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Known.
    Done,
    /// Awaited now.
    Current,
    /// Comes later.
    Awaited,
    /// The order ended here.
    Stopped,
}

impl StepState {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Current => "now",
            Self::Awaited => "later",
            Self::Stopped => "stop",
        }
    }

    pub(crate) fn label(self, t: &Text) -> &str {
        match self {
            Self::Done => &t.step.state_done,
            Self::Current => &t.step.state_current,
            Self::Awaited => &t.step.state_awaited,
            Self::Stopped => &t.step.state_stopped,
        }
    }
}

/// One step of the timeline.
#[derive(Clone, Debug)]
pub struct Step {
    /// How far it is.
    pub state: StepState,
    /// Its name.
    pub label: String,
    /// What it means now.
    pub detail: String,
    /// When it was recorded.
    pub at: Option<When>,
}

fn step(state: StepState, label: &str, detail: &str, at: Option<&When>) -> Step {
    Step {
        state,
        label: label.to_owned(),
        detail: detail.to_owned(),
        at: at.cloned(),
    }
}

/// Builds the steps that an order in this status has behind it and before it.
pub(crate) fn timeline(status: OrderStatus, times: &OrderTimes, t: &Text) -> Vec<Step> {
    let s = &t.step;
    let mut steps = vec![step(
        StepState::Done,
        &s.placed,
        &s.placed_detail,
        times.placed.as_ref(),
    )];
    if times.number_issued.is_some() || status == OrderStatus::AwaitingTransfer {
        let at = times.number_issued.as_ref();
        steps.push(step(
            StepState::Done,
            &s.number_issued,
            &s.number_detail,
            at,
        ));
    }
    match status {
        OrderStatus::Pending => steps.extend(awaiting_payment(&s.payment_wait, t)),
        OrderStatus::AwaitingTransfer => {
            steps.extend(awaiting_payment(&s.payment_wait_transfer, t));
        }
        OrderStatus::Confirming => steps.extend(awaiting_payment(&s.payment_confirming, t)),
        OrderStatus::Paid => {
            steps.push(paid(times, t));
            steps.push(step(StepState::Current, &s.check, &s.check_now, None));
            steps.push(step(
                StepState::Awaited,
                &s.fulfilled,
                &s.fulfilled_wait,
                None,
            ));
        }
        OrderStatus::Review => {
            if times.paid.is_some() {
                steps.push(paid(times, t));
            }
            let at = times.closed.as_ref();
            steps.push(step(StepState::Current, &s.review, &s.review_detail, at));
        }
        OrderStatus::Expired => {
            let at = times.closed.as_ref();
            steps.push(step(StepState::Stopped, &s.expired, &s.expired_detail, at));
        }
        OrderStatus::Cancelled => {
            let at = times.closed.as_ref();
            steps.push(step(
                StepState::Stopped,
                &s.cancelled,
                &s.cancelled_detail,
                at,
            ));
        }
        OrderStatus::Fulfilled | OrderStatus::PartiallyRefunded | OrderStatus::Refunded => {
            steps.extend(settled(status, times, t));
        }
    }
    steps
}

fn paid(times: &OrderTimes, t: &Text) -> Step {
    step(
        StepState::Done,
        &t.step.payment,
        &t.step.payment_done,
        times.paid.as_ref(),
    )
}

/// Payment is awaited; all that follows it comes later.
fn awaiting_payment(detail: &str, t: &Text) -> [Step; 3] {
    let s = &t.step;
    [
        step(StepState::Current, &s.payment, detail, None),
        step(StepState::Awaited, &s.check, &s.check_wait, None),
        step(StepState::Awaited, &s.fulfilled, &s.fulfilled_wait, None),
    ]
}

/// Paid and done with, or given back. A refunded order may never have been delivered.
fn settled(status: OrderStatus, times: &OrderTimes, t: &Text) -> Vec<Step> {
    let s = &t.step;
    let fulfilled = status == OrderStatus::Fulfilled;
    let mut steps = vec![paid(times, t)];
    if fulfilled || times.confirmed.is_some() {
        steps.push(step(
            StepState::Done,
            &s.check,
            &s.check_done,
            times.confirmed.as_ref(),
        ));
    }
    if fulfilled || times.fulfilled.is_some() {
        let at = times.fulfilled.as_ref();
        steps.push(step(StepState::Done, &s.fulfilled, &s.fulfilled_done, at));
    }
    if !fulfilled {
        let label = if status == OrderStatus::Refunded {
            &s.refunded
        } else {
            &s.partially_refunded
        };
        steps.push(step(
            StepState::Done,
            label,
            &s.refund_detail,
            times.refunded.as_ref(),
        ));
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Lang;

    #[test]
    fn an_order_that_waits_has_exactly_one_current_step_and_an_ended_one_none() {
        let t = Text::get(Lang::En);
        for status in OrderStatus::ALL {
            let steps = timeline(status, &OrderTimes::default(), t);
            let current = steps
                .iter()
                .filter(|s| s.state == StepState::Current)
                .count();
            assert_eq!(
                current,
                usize::from(status.refresh_s().is_some()),
                "{status:?}"
            );
        }
    }

    #[test]
    fn nothing_is_called_done_before_it_is_known() {
        let t = Text::get(Lang::En);
        let done = |status| {
            timeline(status, &OrderTimes::default(), t)
                .into_iter()
                .filter(|s| s.state == StepState::Done)
                .map(|s| s.label)
                .collect::<Vec<_>>()
        };
        assert_eq!(done(OrderStatus::Confirming), ["Order placed"]);
        assert_eq!(done(OrderStatus::Paid), ["Order placed", "Payment"]);
        assert_eq!(done(OrderStatus::Fulfilled).len(), 4);
        assert_eq!(done(OrderStatus::Review), ["Order placed"]);
    }
}
