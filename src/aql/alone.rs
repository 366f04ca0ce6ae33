//! The conditions of a filter, one by one: where a filter matches nothing, the one that does so alone is what is wrong.

use super::ast::{Condition, Expr, Operator, Query, Test};

impl Query {
    /// Every condition that selects something by itself, with one value each: `tag in ["a", "b"]` gives two. Conditions below a
    /// `not` take something away and are left out.
    pub fn conditions(&self) -> Vec<Condition> {
        let mut found = Vec::new();
        if let Some(filter) = &self.filter {
            gather(filter, &mut found);
        }
        found
    }
}

fn gather(expr: &Expr, found: &mut Vec<Condition>) {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().for_each(|part| gather(part, found)),
        Expr::Condition(condition) => found.extend(single(condition)),
        Expr::Not(_) | Expr::Constant { .. } => {}
    }
}

fn single(condition: &Condition) -> Vec<Condition> {
    let Test::In { at, values } = &condition.test else {
        return vec![condition.clone()];
    };
    let equal = |value: &super::Value| Condition {
        attribute: condition.attribute.clone(),
        test: Test::Compare {
            operator: Operator::Equal,
            at: *at,
            value: value.clone(),
        },
    };
    values.iter().map(equal).collect()
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn conditions_are_given_one_value_each_and_without_what_takes_away() {
        let query =
            parse(r#"tag in ["smoke", "e2e"] and not layer = "API" and (id > 7 or cf["Suite"] ~= "x")"#).unwrap();
        let conditions: Vec<String> = query.conditions().iter().map(ToString::to_string).collect();
        assert_eq!(
            conditions,
            [r#"tag = "smoke""#, r#"tag = "e2e""#, "id > 7", r#"cf["Suite"] ~= "x""#]
        );
        assert!(parse("true").unwrap().conditions().is_empty());
    }
}
