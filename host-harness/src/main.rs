//! The `tms-sync` command.

mod cli;
mod config;

fn main() -> std::process::ExitCode {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|argument| argument == cli::COMPILE)
    {
        return tms_sync_host::compile_child();
    }
    cli::main()
}
