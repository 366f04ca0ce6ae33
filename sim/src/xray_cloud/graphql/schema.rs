//! The schema: types from the SDL beside this file, resolvers by type and field name.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, Scalar, Schema, SchemaError,
    TypeRef,
};
use async_graphql::parser::types::{
    BaseType, InputValueDefinition, ServiceDocument, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Value, parser};

use super::call::{Answer, Call, Entity, Record, SharedRecord};
use super::shape::{self, Shapes};

/// A function that computes one field.
pub(super) type Resolver = fn(&Call<'_>) -> Answer;

/// Resolvers of one object type: field names and functions. Fields without one are members of the parent's value.
pub(super) type Resolvers = (&'static str, &'static [(&'static str, Resolver)]);

const SDL: [&str; 5] = [
    include_str!("sdl/query.graphql"),
    include_str!("sdl/mutation.graphql"),
    include_str!("sdl/input.graphql"),
    include_str!("sdl/entity.graphql"),
    include_str!("sdl/value.graphql"),
];

/// Builds the executable schema.
///
/// # Errors
/// When the SDL and the resolvers do not fit together, which a test of this module rules out.
pub(super) fn build(resolvers: &[Resolvers]) -> Result<Schema, SchemaError> {
    let document = parser::parse_schema(SDL.concat()).map_err(|error| SchemaError(error.to_string()))?;
    let named = resolvers
        .iter()
        .flat_map(|(ty, fields)| fields.iter().map(move |(field, it)| (format!("{ty}.{field}"), *it)));
    let mut table: HashMap<String, Resolver> = named.collect();
    let inputs = Arc::new(inputs(&document));
    let mut builder = Schema::build("Query", Some("Mutation"), None);
    for definition in document.definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::Scalar => builder = builder.register(Scalar::new(name)),
            TypeKind::InputObject(input) => {
                let fields = input.fields.iter().map(|field| input_value(&field.node));
                builder = builder.register(fields.fold(InputObject::new(name), InputObject::field));
            }
            TypeKind::Object(object) => {
                let mut built = Object::new(name.clone());
                for field in object.fields {
                    let field = field.node;
                    let own = field.name.node.to_string();
                    let resolver = table.remove(&format!("{name}.{own}"));
                    let ty = type_ref(&field.ty.node);
                    let mut output = match resolver {
                        Some(resolver) => {
                            let shapes = Shapes::new(shape::members(&field.arguments), Arc::clone(&inputs));
                            Field::new(own, ty, move |context| compute(resolver, &shapes, context))
                        }
                        None => Field::new(own.clone(), ty, move |context| {
                            FieldFuture::Value(member(&own, &context))
                        }),
                    };
                    for argument in &field.arguments {
                        output = output.argument(input_value(&argument.node));
                    }
                    built = built.field(output);
                }
                builder = builder.register(built);
            }
            _ => {}
        }
    }
    match table.keys().next() {
        Some(field) => Err(SchemaError(format!("a resolver for {field}, which does not exist"))),
        None => builder.finish(),
    }
}

/// Members of all input objects.
fn inputs(document: &ServiceDocument) -> HashMap<Name, HashMap<Name, Type>> {
    let definitions = document.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(&definition.node),
        _ => None,
    });
    definitions
        .filter_map(|definition| match &definition.kind {
            TypeKind::InputObject(input) => Some((definition.name.node.clone(), shape::members(&input.fields))),
            _ => None,
        })
        .collect()
}

/// Runs a resolver. A refusal becomes an entry of `errors` with the path of the field, and the field is null, so that
/// the other aliases of the request keep their data.
fn compute<'a>(resolver: Resolver, shapes: &Shapes, context: ResolverContext<'a>) -> FieldFuture<'a> {
    let call = Call::new(context, shapes);
    match resolver(&call) {
        Ok(value) => FieldFuture::Value(value),
        Err(refusal) => {
            let context = call.context();
            let error = async_graphql::Error::new(refusal.0).into_server_error(context.item.pos);
            context.add_error(context.set_error_path(error));
            FieldFuture::Value(None)
        }
    }
}

/// The member of the parent's value with the field's name; null when it has none.
fn member(name: &str, context: &ResolverContext<'_>) -> Option<FieldValue<'static>> {
    if let Some(record) = context.parent_value.downcast_ref::<Record>() {
        return record.member(name);
    }
    if let Some(SharedRecord(record)) = context.parent_value.downcast_ref() {
        return record.member(name);
    }
    match context.parent_value.as_value() {
        Some(Value::Object(members)) => match members.get(name) {
            None | Some(Value::Null) => None,
            Some(value) => Some(FieldValue::value(value.clone())),
        },
        _ => None,
    }
}

fn input_value(definition: &InputValueDefinition) -> InputValue {
    let input = InputValue::new(definition.name.node.to_string(), type_ref(&definition.ty.node));
    match &definition.default_value {
        Some(default) => input.default_value(default.node.clone()),
        None => input,
    }
}

fn type_ref(ty: &Type) -> TypeRef {
    let base = match &ty.base {
        BaseType::Named(name) => TypeRef::named(name.to_string()),
        BaseType::List(inner) => TypeRef::List(Box::new(type_ref(inner))),
    };
    if ty.nullable {
        base
    } else {
        TypeRef::NonNull(Box::new(base))
    }
}

impl From<Entity> for FieldValue<'static> {
    fn from(entity: Entity) -> Self {
        Self::owned_any(entity)
    }
}
