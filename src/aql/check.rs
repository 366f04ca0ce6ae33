use super::ast::{Attribute, Condition, Expr, Literal, Operator, Query, Test, Value};
use super::attributes::{Entity, FUNCTIONS, KNOWN, Kind, Known, advice, known};
use super::diagnostic::{Code, Diagnostic};
use crate::text::{Span, nearest, shown};

/// Bytes of a percent-encoded query beyond which servers and proxies refuse it: the usual limit of a request line is
/// 8 KiB, and the rest of the address needs some.
const LONG_ADDRESS: usize = 7_000;

/// What is wrong or doubtful in a query of these entities, in the order of the text.
///
/// An error is what the documentation rules out; whatever it leaves open is a doubt.
pub fn check(query: &Query, entity: Entity) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    match &query.filter {
        Some(Expr::Constant { value: false, at }) => {
            let message = format!("`false` selects no {}.", entity.plural());
            remarks.push(Diagnostic::doubt(*at, message).hint("Write a condition, or nothing to select everything."));
        }
        Some(filter) => visit(filter, entity, &mut remarks),
        None => {}
    }
    remarks
}

/// A doubt about a query that is too long for the address of a request.
pub(super) fn length(text: &str) -> Option<Diagnostic> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    let encoded: usize = text.bytes().map(|byte| if plain(byte) { 1 } else { 3 }).sum();
    (encoded > LONG_ADDRESS).then(|| {
        let message = format!("The query takes {encoded} bytes of a request's address; servers often refuse 8 KiB.");
        Diagnostic::doubt(Span::new(0, 0), message).hint("Ask for ranges or tags instead of long lists.")
    })
}

fn visit(expr: &Expr, entity: Entity, remarks: &mut Vec<Diagnostic>) {
    match expr {
        Expr::Or(parts) | Expr::And(parts) => parts.iter().for_each(|part| visit(part, entity, remarks)),
        Expr::Not(part) => visit(part, entity, remarks),
        Expr::Constant { .. } => {}
        Expr::Condition(condition) => match known(&condition.attribute.name) {
            Some(known) => of_known(condition, known, entity, remarks),
            None => remarks.push(unknown(&condition.attribute, entity)),
        },
    }
}

/// An attribute that the documentation does not list may still be one of the server's version, which is the judge.
fn unknown(attribute: &Attribute, entity: Entity) -> Diagnostic {
    let name = &attribute.name;
    let message = format!("`{}` is no documented attribute of {}.", shown(name), entity.plural());
    let doubt = Diagnostic::doubt(attribute.at, message);
    let candidates = || KNOWN.iter().filter(|known| known.is_of(entity)).map(|known| known.name);
    let same_letters = || candidates().find(|candidate| candidate.eq_ignore_ascii_case(name));
    if let Some(known) = same_letters() {
        return doubt.hint(format!("Case matters: write {known}."));
    }
    match (advice(name), nearest(name, candidates())) {
        (Some(advice), _) => doubt.hint(advice),
        (None, Some(known)) => doubt.hint(format!("Did you mean {known}?")),
        (None, None) => doubt.hint(format!(
            "There are {}. The connection test asks TestOps.",
            candidates().collect::<Vec<_>>().join(", ")
        )),
    }
}

fn of_known(condition: &Condition, known: Known, entity: Entity, remarks: &mut Vec<Diagnostic>) {
    let attribute = &condition.attribute;
    if !known.is_of(entity) {
        let message = format!(
            "`{}` is documented for {}, not for {}.",
            known.name,
            known.owner(),
            entity.plural()
        );
        remarks.push(
            Diagnostic::doubt(attribute.at, message)
                .hint("Check with the connection test how many are selected: a server may refuse it or ignore it."),
        );
    }
    remarks.extend(brackets(attribute, known));
    match &condition.test {
        Test::Compare { operator, at, value } => {
            remarks.extend(operator_of(known, *operator, *at));
            remarks.extend(unequal(attribute, known, *operator, *at, value));
            if value.literal == Literal::Null {
                remarks.extend(null(known, *operator, value));
            } else {
                remarks.extend(value_of(known, value));
            }
        }
        Test::In { at, values } => {
            if values.is_empty() {
                remarks
                    .push(Diagnostic::doubt(*at, "An empty list selects nothing.").hint("Put values into the list."));
            }
            for value in values {
                if value.literal == Literal::Null {
                    let message = "`null` in a list never matches.";
                    let attribute = shown(&attribute.to_string());
                    let hint = format!("Write ({attribute} in […] or {attribute} is null).");
                    remarks.push(Diagnostic::doubt(value.at, message).hint(hint));
                } else {
                    remarks.extend(value_of(known, value));
                }
            }
        }
    }
}

fn brackets(attribute: &Attribute, known: Known) -> Option<Diagnostic> {
    let name = known.name;
    match (known.key, &attribute.key) {
        (Some(what), None) => {
            let message = format!("`{name}` needs the name of {what} in brackets.");
            let any = match name {
                "cf" => " For the values of any field there is cfv.",
                "ev" => " For the values of any variable there is evv.",
                "role" => " For any role there is member.",
                _ => "",
            };
            let hint = format!("Write {name}[\"…\"].{any}");
            Some(Diagnostic::error(Code::ForbiddenBracketAccess, attribute.at, message).hint(hint))
        }
        (None, Some(_)) => {
            let message = format!("`{name}` takes no brackets.");
            let hint = "Brackets belong to cf, ev and role.";
            Some(Diagnostic::error(Code::ForbiddenBracketAccess, attribute.at, message).hint(hint))
        }
        _ => None,
    }
}

fn operator_of(known: Known, operator: Operator, at: Span) -> Option<Diagnostic> {
    let (name, sign) = (known.name, operator.as_str());
    if let Some(operators) = known.operators {
        if operators.contains(&operator) {
            return None;
        }
        let signs: Vec<_> = operators.iter().map(|operator| operator.as_str()).collect();
        let message = format!("`{name}` cannot be compared by {sign}.");
        let hint = format!("Its operators are {} and the words is, in.", signs.join(" "));
        return Some(Diagnostic::error(Code::ForbiddenOperation, at, message).hint(hint));
    }
    let doubtful = operator.is_ordering() || operator == Operator::Contains && known.kind == Kind::NameOrId;
    doubtful.then(|| {
        let message = format!("That `{name}` can be compared by {sign} is not documented; a server may refuse it.");
        Diagnostic::doubt(at, message).hint("Use =, is or in.")
    })
}

/// `!=` where it says less than it seems to.
fn unequal(attribute: &Attribute, known: Known, operator: Operator, at: Span, value: &Value) -> Option<Diagnostic> {
    let always_there = matches!(known.kind, Kind::Number | Kind::Bool | Kind::Date)
        || matches!(
            known.name,
            "name" | "status" | "workflow" | "createdBy" | "lastModifiedBy"
        );
    if operator != Operator::NotEqual || value.literal == Literal::Null || always_there {
        return None;
    }
    let (attribute, value) = (shown(&attribute.to_string()), shown(&value.to_string()));
    let message = if known.many {
        format!(
            "`{attribute} != {value}` may select items that have {value} beside other values, and leaves out items without any."
        )
    } else {
        format!("`{attribute} != {value}` leaves out items without any value.")
    };
    Some(Diagnostic::doubt(at, message).hint(format!("Write not {attribute} in [{value}].")))
}

fn null(known: Known, operator: Operator, value: &Value) -> Option<Diagnostic> {
    let compares = operator.is_ordering() || operator == Operator::Contains;
    compares.then(|| {
        let message = format!("`{} {}` never matches null.", known.name, operator.as_str());
        Diagnostic::doubt(value.at, message).hint("Null is found by is null and != null.")
    })
}

fn value_of(known: Known, value: &Value) -> Option<Diagnostic> {
    let name = known.name;
    let wrong = |message: String| Diagnostic::error(Code::ForbiddenValueType, value.at, message);
    match (known.kind, &value.literal) {
        (_, Literal::Function(function)) => function_of(known, function, value.at),
        (Kind::Number, Literal::Number(number)) => whole(number).is_none().then(|| {
            Diagnostic::doubt(value.at, format!("`{name}` is a whole number.")).hint("Leave the fraction out.")
        }),
        (Kind::Number, _) => {
            Some(wrong(format!("`{name}` is a number.")).hint("Write the number without quotes: id = 42."))
        }
        (Kind::Bool, Literal::Bool(true)) if name == "deleted" => Some(
            Diagnostic::doubt(value.at, "Deleted test cases are never exported.")
                .hint("Leave the condition out: the export asks for those that are not deleted."),
        ),
        (Kind::Bool, Literal::Bool(_)) => None,
        (Kind::Bool, _) => {
            Some(wrong(format!("`{name}` is true or false.")).hint("Write true or false without quotes."))
        }
        (Kind::Date, Literal::Number(number)) => date(known, number, value.at),
        (Kind::Date, _) => Some(
            wrong(format!("`{name}` is a moment in milliseconds since 1970-01-01 UTC.")).hint(
                "Write a number of 13 digits, as in createdDate >= 1735689600000, or a function such as weekAgo().",
            ),
        ),
        (Kind::Text | Kind::NameOrId, Literal::Text(text)) => text.trim().is_empty().then(|| {
            Diagnostic::doubt(value.at, "An empty text is hardly what is looked for.")
                .hint(format!("Items without a value are found by {name} is null."))
        }),
        (Kind::NameOrId, Literal::Number(number)) if whole(number).is_some() => None,
        (Kind::Text | Kind::NameOrId, _) => Some(
            Diagnostic::doubt(value.at, format!("`{name}` is compared with texts."))
                .hint(format!("Put the value into quotes: \"{}\".", shown(&value.to_string()))),
        ),
    }
}

fn function_of(known: Known, function: &str, at: Span) -> Option<Diagnostic> {
    let Some(&(_, is_moment)) = FUNCTIONS.iter().find(|(name, _)| *name == function) else {
        let message = format!(
            "The function `{}()` is not documented; an unknown one counts as null.",
            shown(function)
        );
        let hint = match nearest(function, FUNCTIONS.iter().map(|(name, _)| *name)) {
            Some(name) => format!("Did you mean {name}()?"),
            None => "There are now(), dayStartUtc(), weekAgo() and currentUser().".to_owned(),
        };
        return Some(Diagnostic::doubt(at, message).hint(hint));
    };
    if is_moment != (known.kind == Kind::Date) {
        let what = if is_moment { "a moment" } else { "an account" };
        let message = format!("`{function}()` is {what}, which `{}` is not compared with.", known.name);
        return Some(Diagnostic::doubt(at, message).hint("Moments belong to dates, currentUser() to accounts."));
    }
    (!is_moment).then(|| {
        Diagnostic::doubt(
            at,
            "`currentUser()` is the account of the export's API token, not the person who set it up.",
        )
        .hint("Write the username in quotes.")
    })
}

fn date(known: Known, number: &str, at: Span) -> Option<Diagnostic> {
    if number.len() == 13 && whole(number).is_some() {
        return None;
    }
    let message = format!(
        "`{}` counts milliseconds since 1970-01-01 UTC, in 13 digits.",
        known.name
    );
    let hint = match number.len() {
        10 => format!("This looks like seconds: write {number}000."),
        _ => "Write it as in 1735689600000, which is 2025-01-01.".to_owned(),
    };
    Some(Diagnostic::doubt(at, message).hint(hint))
}

fn whole(number: &str) -> Option<i64> {
    number.parse().ok()
}
