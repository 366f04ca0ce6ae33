//! The innermost layer: the egress gate.

use std::sync::Arc;

use super::{Http, Sending};
use crate::egress::{Gate, Wanted};
use crate::metering::Meter;

pub(super) struct Gated {
    pub(super) gate: Arc<Gate>,
    pub(super) meter: Arc<Meter>,
}

impl Http for Gated {
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a> {
        Box::pin(self.gate.send(&self.meter, wanted))
    }
}
