//! Tests of the guest's public modules.

mod adf_schema;
mod markup_golden;
mod markup_hostile;
mod markup_limits;
mod markup_properties;
mod markup_readers;
mod wiki_grammar;
