//! Places in text that people wrote.

mod place;

pub use place::Position;
