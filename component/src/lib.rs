//! The component as bytes.
