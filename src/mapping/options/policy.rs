//! Who owns a field of a Test: TestOps, Jira after the first export, or people alone.

use super::reader::Reader;
use crate::mapping::Field;
use std::collections::BTreeMap;

/// What an export does with a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// TestOps' changes are written; where both sides changed, TestOps' version wins and the verdict says so.
    #[default]
    Own,
    /// As `Own`, and steps that people added go.
    Replace,
    /// Written when the Test is created, then left to people.
    SeedOnce,
    /// Never written.
    Never,
}

/// Policies by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policies(BTreeMap<Field, Policy>);

impl Policies {
    /// A field's policy.
    pub fn of(&self, field: Field) -> Policy {
        self.0.get(&field).copied().unwrap_or_default()
    }

    /// True where TestOps' changes of a field are written.
    pub fn follow(&self, field: Field) -> bool {
        matches!(self.of(field), Policy::Own | Policy::Replace)
    }
}

/// Summary, type and markers are what makes a Test: they can be left to people, and cannot be left out.
pub(super) fn read(reader: &mut Reader<'_>) -> Policies {
    const OWN: (&str, &str, Policy) = ("own", "TestOps", Policy::Own);
    const SEED: (&str, &str, Policy) = ("seed-once", "People, after the first export", Policy::SeedOnce);
    const NEVER: (&str, &str, Policy) = ("never", "People alone", Policy::Never);
    const ALL: [(&str, &str, Policy); 3] = [OWN, SEED, NEVER];
    const REPLACE: (&str, &str, Policy) = ("replace", "TestOps; steps of people go", Policy::Replace);
    const STEPS: [(&str, &str, Policy); 4] = [OWN, REPLACE, SEED, NEVER];
    reader.group("Who owns a field of a Test");
    let mut policies = BTreeMap::new();
    for field in Field::ALL {
        let choices: &[_] = match field {
            Field::Steps => &STEPS,
            Field::Summary | Field::Kind => ALL.get(..2).unwrap_or(&ALL),
            _ => &ALL,
        };
        let asked = reader.option(
            format!("policy.{}", field.name()),
            format!("Owner of {}", field.name().replace('-', " ")),
            "Whose changes count after the Test was created.",
        );
        let policy = asked.choice(choices).unwrap_or_default();
        if policy != Policy::Own {
            policies.insert(field, policy);
        }
    }
    Policies(policies)
}
