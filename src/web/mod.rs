//! How we talk, whoever we talk to: pace, repeat or not, and recognise a product's answer beside a page of something else.

mod call;
mod client;
mod control;
mod governor;
mod http_date;
mod judge;
mod neighbours;
mod refusals;
mod retry;
mod words;

pub use call::Call;
pub use client::{Client, Explain};
pub use governor::Allowance;
pub use neighbours::Neighbours;
pub use retry::Idempotency;
pub use words::{basic_is_disabled, login_refusal, of_json, words};

#[cfg(test)]
mod tests;
