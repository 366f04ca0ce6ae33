//! What a document costs before it runs: resolvers and items.

use std::collections::HashMap;

use async_graphql::Name;
use async_graphql::parser::types::{
    ExecutableDocument, Field, FragmentDefinition, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::{Positioned, Variables};

/// Resolvers a request may use ("GraphQL API", limits).
pub(super) const MAX_RESOLVERS: usize = 25;
/// Items a request may ask for ("GraphQL API", limits).
pub(super) const MAX_ITEMS: u64 = 10_000;

/// Mutations that count more than once, with the vendor's own numbers (its migration tool packs requests by them).
const MUTATION_COSTS: [(&str, usize); 14] = [
    ("addPreconditionsToTest", 2),
    ("addTestExecutionsToTest", 2),
    ("addTestExecutionsToTestPlan", 2),
    ("addTestPlansToTest", 2),
    ("addTestSetsToTest", 2),
    ("addTestStep", 2),
    ("addTestsToPrecondition", 2),
    ("addTestsToTestExecution", 2),
    ("addTestsToTestPlan", 2),
    ("addTestsToTestSet", 2),
    ("updateGherkinTestDefinition", 2),
    ("updatePrecondition", 3),
    ("updateTestType", 2),
    ("updateUnstructuredTestDefinition", 2),
];

/// What one operation of a document asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cost {
    /// Resolvers used.
    pub resolvers: usize,
    /// Items that the `limit` arguments allow at most.
    pub items: u64,
}

impl Cost {
    /// Counts an operation; `None` when the document has no such operation.
    ///
    /// - Every query at the root counts one resolver, and so does every mutation unless [`MUTATION_COSTS`] says more.
    /// - Below the root every field that is not scalar, that is every field with a selection of its own, counts one.
    /// - Every alias counts; a fragment counts where it is spread; introspection is free.
    /// - A field with `limit` asks for that many items for each item of the list around it.
    pub fn of(document: &ExecutableDocument, operation: Option<&str>, variables: &Variables) -> Option<Self> {
        let operation = find(document, operation)?;
        let mut counter = Counter {
            fragments: &document.fragments,
            variables,
            cost: Self::default(),
        };
        counter.root(operation);
        Some(counter.cost)
    }
}

fn find<'a>(document: &'a ExecutableDocument, name: Option<&str>) -> Option<&'a OperationDefinition> {
    let mut operations = document.operations.iter();
    let found = match name {
        Some(name) => operations.find(|(own, _)| own.is_some_and(|own| own.as_str() == name)),
        None => operations.next(),
    };
    found.map(|(_, operation)| &operation.node)
}

struct Counter<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'a Variables,
    cost: Cost,
}

/// Deeper selections than this are refused by the engine anyway.
const MAX_DEPTH: usize = 32;

impl Counter<'_> {
    fn root(&mut self, operation: &OperationDefinition) {
        let is_mutation = operation.ty == OperationType::Mutation;
        self.fields(&operation.selection_set.node, 0, &mut |counter, field| {
            let name = field.name.node.as_str();
            if name.starts_with("__") {
                return;
            }
            let special = MUTATION_COSTS
                .iter()
                .find(|(special, _)| is_mutation && *special == name);
            counter.cost.resolvers += special.map_or(1, |(_, cost)| *cost);
            counter.below(field, 1, 0);
        });
    }

    fn below(&mut self, field: &Field, multiplier: u64, depth: usize) {
        let multiplier = match self.limit(field) {
            Some(limit) => {
                let items = multiplier.saturating_mul(limit);
                self.cost.items = self.cost.items.saturating_add(items);
                items
            }
            None => multiplier,
        };
        self.fields(&field.selection_set.node, depth, &mut |counter, child| {
            if !child.selection_set.node.items.is_empty() {
                counter.cost.resolvers += 1;
                counter.below(child, multiplier, depth + 1);
            }
        });
    }

    /// Visits the fields of a selection, those of fragments included.
    fn fields(&mut self, selection: &SelectionSet, depth: usize, visit: &mut dyn FnMut(&mut Self, &Field)) {
        if depth > MAX_DEPTH {
            return;
        }
        for item in &selection.items {
            match &item.node {
                Selection::Field(field) => visit(self, &field.node),
                Selection::InlineFragment(inline) => {
                    self.fields(&inline.node.selection_set.node, depth + 1, visit);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(&spread.node.fragment_name.node) {
                        self.fields(&fragment.node.selection_set.node, depth + 1, visit);
                    }
                }
            }
        }
    }

    fn limit(&self, field: &Field) -> Option<u64> {
        let given = field.get_argument("limit")?.node.clone();
        let known = given
            .into_const_with(|name| self.variables.get(&name).cloned().ok_or(()))
            .ok()?;
        let value = known.into_json().ok()?;
        value.as_u64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(document: &str) -> Cost {
        let document = async_graphql::parser::parse_query(document).unwrap();
        Cost::of(&document, None, &Variables::default()).unwrap()
    }

    #[test]
    fn queries_and_their_non_scalar_fields_count() {
        let read = cost("{ getTests(limit: 100) { total results { issueId steps { id } folder { path } } } }");
        assert_eq!(
            read,
            Cost {
                resolvers: 4,
                items: 100
            }
        );
        let scalar = cost("{ a: getStatuses { name } b: getTest(issueId: \"1\") { jira(fields: [\"key\"]) } }");
        assert_eq!(scalar.resolvers, 2);
    }

    #[test]
    fn fragments_count_where_they_are_spread_and_introspection_is_free() {
        let document = "query { __schema { types { name } } a: getTest(issueId: \"1\") { ...t } b: getTest(issueId: \"2\") { ...t } }
            fragment t on Test { steps { id } testType { name } }";
        assert_eq!(cost(document).resolvers, 6);
    }

    #[test]
    fn mutations_cost_what_the_vendor_says() {
        assert_eq!(
            cost("mutation { updateTestRunStatus(id: \"1\", status: \"PASSED\") }").resolvers,
            1
        );
        assert_eq!(
            cost("mutation { addTestStep(issueId: \"1\", step: {}) { id } }").resolvers,
            2
        );
        assert_eq!(
            cost("mutation { createTest(jira: {}) { test { issueId } warnings } }").resolvers,
            2
        );
        assert_eq!(
            cost("mutation { updatePrecondition(issueId: \"1\") { issueId } }").resolvers,
            3
        );
    }

    #[test]
    fn nested_limits_multiply() {
        let document = "{ getTestExecutions(limit: 100) { results { testRuns(limit: 100) { results { id } } } } }";
        assert_eq!(cost(document).items, 10_100);
    }
}
