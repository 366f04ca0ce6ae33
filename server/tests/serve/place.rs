//! Where the services of these tests keep their rows: in files of their folders.

use std::path::Path;

use tms_sync_server::Options;

pub fn place(_: &Path, options: Options) -> Options {
    options
}
