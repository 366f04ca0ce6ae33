//! Input coercion: GraphQL takes a single value where a list is wanted ("Input Coercion" of lists in its specification),
//! which the engine lets through and hands on as it came.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::parser::types::{BaseType, InputValueDefinition, Type};
use async_graphql::{Name, Positioned};
use serde_json::Value;

/// Members of a type by name.
type Members = HashMap<Name, Type>;

/// Types of a field's arguments and of the members of input objects.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes {
    arguments: Members,
    inputs: Arc<HashMap<Name, Members>>,
}

/// The types of arguments or members.
pub(super) fn members(definitions: &[Positioned<InputValueDefinition>]) -> Members {
    definitions
        .iter()
        .map(|definition| (definition.node.name.node.clone(), definition.node.ty.node.clone()))
        .collect()
}

impl Shapes {
    pub fn new(arguments: Members, inputs: Arc<HashMap<Name, Members>>) -> Self {
        Self { arguments, inputs }
    }

    /// An argument's value with lists where its type has them.
    pub fn coerce(&self, argument: &str, value: Value) -> Value {
        match self.arguments.get(argument) {
            Some(ty) => self.fit(ty, value),
            None => value,
        }
    }

    fn fit(&self, ty: &Type, value: Value) -> Value {
        match (&ty.base, value) {
            (_, Value::Null) => Value::Null,
            (BaseType::List(inner), Value::Array(items)) => {
                items.into_iter().map(|item| self.fit(inner, item)).collect()
            }
            (BaseType::List(inner), single) => Value::Array(vec![self.fit(inner, single)]),
            (BaseType::Named(name), Value::Object(members)) => match self.inputs.get(name) {
                Some(types) => {
                    let fitted = members
                        .into_iter()
                        .map(|(member, value)| match types.get(member.as_str()) {
                            Some(ty) => (member, self.fit(ty, value)),
                            None => (member, value),
                        });
                    Value::Object(fitted.collect())
                }
                None => Value::Object(members),
            },
            (BaseType::Named(_), other) => other,
        }
    }
}
