//! Ctrl-C, and the ending that a service manager asks for.

use tokio::sync::watch;

/// How often the person asked to end.
#[derive(Debug, Clone)]
pub struct Interrupts(watch::Receiver<u8>);

impl Interrupts {
    /// Listens from now on; before that Ctrl-C ends the process as usual.
    pub fn listen() -> Self {
        let (sender, receiver) = watch::channel(0);
        tokio::spawn(count(sender));
        Self(receiver)
    }

    /// Whether it was asked for at all.
    pub fn any(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Resolves when it was asked for at least `times` times.
    pub async fn reached(&mut self, times: u8) {
        if self.0.wait_for(|asked| *asked >= times).await.is_err() {
            // Nobody listens any more, so nobody will ask.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
async fn count(sender: watch::Sender<u8>) {
    use tokio::signal::unix::{SignalKind, signal};
    // A terminal that is closed hangs up: its export ends as it does for a service manager.
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
    // Where signals cannot be heard they end the process as they do by default.
    let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else {
        return;
    };
    loop {
        tokio::select! {
            Some(()) = interrupt.recv() => {}
            Some(()) = terminate.recv() => {}
            Some(()) = hangup.recv() => {}
            else => return,
        }
        sender.send_modify(|times| *times = times.saturating_add(1));
    }
}

#[cfg(not(unix))]
async fn count(sender: watch::Sender<u8>) {
    while tokio::signal::ctrl_c().await.is_ok() {
        sender.send_modify(|times| *times = times.saturating_add(1));
    }
}
