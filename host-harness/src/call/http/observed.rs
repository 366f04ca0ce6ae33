//! Shows what crosses the boundary to the secret watch.

use std::sync::Arc;

use super::{Http, Sending};
use crate::credentials::secret_watch::{Place, SecretWatch};
use crate::egress::{Part, Wanted};

pub(super) struct Observed {
    pub(super) watch: Arc<SecretWatch>,
    pub(super) next: Arc<dyn Http>,
}

impl Http for Observed {
    fn send<'a>(&'a self, wanted: &'a Wanted) -> Sending<'a> {
        self.request(wanted);
        Box::pin(async {
            let received = self.next.send(wanted).await;
            self.watch.answer(received.as_ref().map(|(response, _)| response));
            received
        })
    }
}

impl Observed {
    /// Bodies are searched as they are: `Debug` would write them as numbers.
    fn request(&self, wanted: &Wanted) {
        let request = &wanted.request;
        let visible = (&request.connection, &request.path, &request.query, &request.headers);
        self.watch.value(Place::OutOfPlugin, &visible);
        for part in wanted.body.iter().flat_map(|body| &body.0) {
            if let Part::Bytes(bytes) = part {
                self.watch.text(Place::OutOfPlugin, bytes);
            }
        }
    }
}
