//! What is counted, for `/metrics` (Prometheus text format).

use prometheus::{Encoder, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

/// The shop's counters.
pub struct Metrics {
    registry: Registry,
    /// Refusals by stable code (`L2.hash`, …).
    pub refused: IntCounterVec,
    /// Notices that were recorded, by what they made of the order.
    pub notices: IntCounterVec,
    /// Orders placed.
    pub orders: IntCounter,
    /// Questions to the gateway, by answer.
    pub asks: IntCounterVec,
    /// Sign-ins, by how they ended.
    pub sign_ins: IntCounterVec,
    /// Effects that wait or are dead, by topic and state.
    pub outbox: IntGaugeVec,
    /// What came to wait for a person, by code.
    pub parked: IntCounterVec,
    /// Moves of refunds, by the state they led to.
    pub refunds: IntCounterVec,
}

impl Metrics {
    /// Makes all counters, at zero.
    ///
    /// # Errors
    /// Two counters of one name, which would be a mistake in this file.
    pub fn new() -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let counters =
            |name: &str, help: &str, label: &str| -> Result<IntCounterVec, prometheus::Error> {
                let counters = IntCounterVec::new(Opts::new(name, help), &[label])?;
                registry.register(Box::new(counters.clone()))?;
                Ok(counters)
            };
        let refused = counters(
            "jinliu_refused_total",
            "Messages and requests refused, by line and cause",
            "code",
        )?;
        let notices = counters("jinliu_notices_total", "Gateway notices recorded", "status")?;
        let asks = counters(
            "jinliu_asks_total",
            "Questions put to the gateway",
            "answer",
        )?;
        let sign_ins = counters("jinliu_sign_ins_total", "Sign-ins", "outcome")?;
        let parked = counters(
            "jinliu_parked_total",
            "Cases that came to wait for a person",
            "code",
        )?;
        let refunds = counters(
            "jinliu_refund_moves_total",
            "Moves of refunds, by the state they led to",
            "state",
        )?;
        let orders = IntCounter::new("jinliu_orders_total", "Orders placed")?;
        registry.register(Box::new(orders.clone()))?;
        let outbox = IntGaugeVec::new(
            Opts::new("jinliu_outbox", "Effects not yet delivered"),
            &["topic", "state"],
        )?;
        registry.register(Box::new(outbox.clone()))?;
        Ok(Self {
            registry,
            refused,
            notices,
            orders,
            asks,
            sign_ins,
            outbox,
            parked,
            refunds,
        })
    }

    /// Counts what waits for a person from now on.
    pub fn parks(&self, codes: &[&'static str]) {
        for code in codes {
            self.parked.with_label_values(&[code]).inc();
        }
    }

    /// Counts a refund's move, and the case that one makes which was taken back.
    pub fn refund(&self, refund: &orders::Refund) {
        self.refunds
            .with_label_values(&[refund.state.as_str()])
            .inc();
        if refund.state == orders::RefundState::Reversed {
            self.parks(&[orders::fact::ParkedKind::RefundReversed.code()]);
        }
    }

    /// Returns everything in Prometheus' text format.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        let mut text = Vec::new();
        // Writing into memory fails for no reason that a caller could do something about.
        drop(TextEncoder::new().encode(&self.registry.gather(), &mut text));
        text
    }
}
