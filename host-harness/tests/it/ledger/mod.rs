//! The ledger's promises, without a plugin: the conformance kit over every store, and what each promises alone.

mod encrypted;
mod postgres;
mod sqlite;
