//! Dictionaries: names and the ids they are known by.

use std::collections::{BTreeMap, HashMap};

/// One dictionary. Built-in rows have negative ids, as on a real installation; others count from 1.
#[derive(Debug, Default)]
pub(crate) struct Names {
    by_id: BTreeMap<i64, String>,
    by_name: HashMap<String, i64>,
    last: i64,
}

impl Names {
    pub(crate) fn with(built_in: &[(i64, &str)]) -> Self {
        let mut names = Self::default();
        for (id, name) in built_in {
            names.by_id.insert(*id, (*name).to_owned());
            names.by_name.insert((*name).to_owned(), *id);
        }
        names
    }

    /// Makes a name known.
    pub(crate) fn learn(&mut self, name: &str) {
        self.known(name);
    }

    /// The id of a name, given out now if the name is new.
    fn known(&mut self, name: &str) -> i64 {
        if let Some(id) = self.by_name.get(name) {
            return *id;
        }
        self.last += 1;
        self.by_id.insert(self.last, name.to_owned());
        self.by_name.insert(name.to_owned(), self.last);
        self.last
    }

    /// The id of a known name.
    pub(crate) fn id(&self, name: &str) -> Option<i64> {
        self.by_name.get(name).copied()
    }

    pub(crate) fn name(&self, id: i64) -> Option<&str> {
        self.by_id.get(&id).map(String::as_str)
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (i64, &str)> {
        self.by_id.iter().map(|(id, name)| (*id, name.as_str()))
    }
}

/// All dictionaries of a site.
#[derive(Debug)]
pub(crate) struct Dictionaries {
    pub(crate) tags: Names,
    pub(crate) launch_tags: Names,
    pub(crate) layers: Names,
    pub(crate) roles: Names,
    pub(crate) users: Names,
    pub(crate) statuses: Names,
    pub(crate) workflows: Names,
    pub(crate) fields: Names,
    /// Values of all custom fields, each under `field id` + NUL + `value name`.
    values: Names,
    pub(crate) variables: Names,
    /// Values of all environment variables, each under `variable id` + NUL + `value`.
    environments: Names,
    pub(crate) issues: Names,
    pub(crate) jobs: Names,
    pub(crate) categories: Names,
}

impl Default for Dictionaries {
    fn default() -> Self {
        Self {
            tags: Names::default(),
            launch_tags: Names::default(),
            layers: Names::with(&[(-3, "API Tests")]),
            roles: Names::with(&[(-1, "Owner")]),
            users: Names::default(),
            statuses: Names::with(&[(-1, "Draft"), (-2, "Active")]),
            workflows: Names::with(&[(-1, "Default Manual")]),
            fields: Names::with(&[(-2, "Feature"), (-5, "Suite")]),
            values: Names::default(),
            variables: Names::default(),
            environments: Names::default(),
            issues: Names::default(),
            jobs: Names::default(),
            categories: Names::default(),
        }
    }
}

impl Dictionaries {
    pub(crate) fn learn_value(&mut self, field: &str, value: &str) {
        let field = self.fields.known(field);
        self.values.learn(&scoped(field, value));
    }

    pub(crate) fn value_id(&self, field: i64, value: &str) -> Option<i64> {
        self.values.id(&scoped(field, value))
    }

    /// Values as (field id, value id, value name).
    pub(crate) fn values(&self) -> impl Iterator<Item = (i64, i64, &str)> {
        self.values
            .iter()
            .filter_map(|(id, key)| unscoped(key).map(|(field, name)| (field, id, name)))
    }

    pub(crate) fn learn_environment(&mut self, variable: &str, value: &str) {
        let variable = self.variables.known(variable);
        self.environments.learn(&scoped(variable, value));
    }

    pub(crate) fn environment_id(&self, variable: i64, value: &str) -> Option<i64> {
        self.environments.id(&scoped(variable, value))
    }
}

fn scoped(owner: i64, name: &str) -> String {
    format!("{owner}\0{name}")
}

fn unscoped(key: &str) -> Option<(i64, &str)> {
    let (owner, name) = key.split_once('\0')?;
    Some((owner.parse().ok()?, name))
}
