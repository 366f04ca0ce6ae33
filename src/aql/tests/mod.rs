mod attributes;
mod grammar;
mod properties;
mod queries;
