//! How we talk, whoever we talk to: pace, repeat or not, and recognise a product's answer beside a page of something else.

mod call;
mod client;
mod control;
mod date;
mod describe;
mod governor;
mod http_date;
mod judge;
mod neighbours;
mod refusals;
mod retry;

pub use call::Call;
pub use client::{Client, Explain};
pub use date::minutes;
pub use describe::{basic_is_disabled, describe, login_refusal, of_json};
pub use governor::Allowance;
pub use neighbours::Neighbours;
pub use retry::Idempotency;

#[cfg(test)]
mod tests;
