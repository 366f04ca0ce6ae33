//! Tests of the guest's public modules.

#[cfg(test)]
mod adf_schema;
#[cfg(test)]
mod case_golden;
#[cfg(test)]
mod markup_golden;
#[cfg(test)]
mod markup_hostile;
#[cfg(test)]
mod markup_limits;
#[cfg(test)]
mod markup_properties;
#[cfg(test)]
mod markup_readers;
#[cfg(test)]
mod markup_texts;
#[cfg(test)]
mod wiki_grammar;
