//! Answers, on standard output. Everything else goes through the log.

use std::io::{self, ErrorKind, Write};

use super::render::text::harmless_json;

/// Standard output. A reader that went away (`| head`) ends the writing, never the work.
#[derive(Debug, Default)]
pub struct Output {
    failed: Option<io::Error>,
}

impl Output {
    /// Text with styles, which are taken away where colour is not wanted: no terminal, `NO_COLOR`, `TERM=dumb`.
    pub fn text(&mut self, text: &str) {
        let written = |text: &str| {
            let mut stdout = anstream::stdout().lock();
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        };
        self.keep(written, text);
    }

    /// JSON and a newline.
    pub fn json(&mut self, json: &str) {
        let written = |text: &str| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
        };
        self.keep(written, &(harmless_json(json) + "\n"));
    }

    /// Bytes of another format, as they are.
    pub fn plain(&mut self, bytes: &[u8]) {
        if self.failed.is_none() {
            let mut stdout = io::stdout().lock();
            self.failed = stdout.write_all(bytes).and_then(|()| stdout.flush()).err();
        }
    }

    fn keep(&mut self, write: impl FnOnce(&str) -> io::Result<()>, text: &str) {
        if self.failed.is_none() {
            self.failed = write(text).err();
        }
    }

    /// Why the answer did not arrive, if somebody was there to receive it.
    pub fn failure(&self) -> Option<&io::Error> {
        self.failed
            .as_ref()
            .filter(|error| error.kind() != ErrorKind::BrokenPipe)
    }
}
