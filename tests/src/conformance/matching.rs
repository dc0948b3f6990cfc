//! Whether an answer is what was expected.

use std::collections::BTreeMap;

use super::answer::Answer;
use super::script::Value;

/// What has been saved, by name.
pub type Saved = BTreeMap<String, Answer>;

/// What is wrong with an answer; `None` if it is as expected. Of a record only the fields named are compared.
pub fn mismatch(expected: &Value, answer: &Answer, saved: &Saved) -> Option<String> {
    let wrong = |wanted: &str| Some(format!("is {answer}, expected {wanted}"));
    match (expected, answer) {
        (Value::Table(fields), Answer::Record(_)) => fields.iter().find_map(|(key, value)| match answer.part(key) {
            None => Some(format!(".{key} is missing in {answer}")),
            Some(part) => mismatch(value, part, saved).map(|problem| within(key, &problem)),
        }),
        (Value::List(values), Answer::List(list)) if values.len() == list.len() => {
            let pairs = values.iter().zip(list).enumerate();
            pairs.into_iter().find_map(|(index, (value, part))| {
                mismatch(value, part, saved).map(|problem| within(&index.to_string(), &problem))
            })
        }
        (Value::List(values), Answer::List(list)) | (Value::Unordered(values), Answer::List(list))
            if values.len() != list.len() =>
        {
            Some(format!("has {} elements, expected {}: {answer}", list.len(), values.len()))
        }
        (Value::Unordered(values), Answer::List(list)) => unordered(values, list, saved),
        (Value::Saved(name), _) => {
            let known = saved.get(name);
            if known == Some(answer) { None } else { wrong(&format!("${name}, {}", shown(known))) }
        }
        (Value::Any(kind), _) => {
            if *kind == answer.type_name() || *kind == "variant" {
                None
            } else {
                wrong(&format!("any {kind}"))
            }
        }
        (Value::Range { min, max }, _) => {
            let fits = |bound: &Option<Box<Value>>, fits: fn(f64, f64) -> bool| {
                let Some(bound) = bound else { return true };
                number(answer).zip(bound_number(bound, saved)).is_some_and(|(number, bound)| fits(number, bound))
            };
            let is_in = fits(min, |number, min| number >= min) && fits(max, |number, max| number <= max);
            if is_in { None } else { wrong(&format!("{min:?} to {max:?}")) }
        }
        (Value::Contains(part), Answer::Text(text)) if text.contains(part) => None,
        (Value::Contains(part), _) => wrong(&format!("a text with {part:?} in it")),
        (Value::Empty, _) => {
            if is_empty(answer) {
                None
            } else {
                wrong("something empty")
            }
        }
        (Value::Not(value), _) => {
            if mismatch(value, answer, saved).is_none() {
                wrong("something else")
            } else {
                None
            }
        }
        _ => {
            let plain = plain(expected, saved);
            let same = plain.as_ref().is_some_and(|plain| same(plain, answer));
            if same { None } else { wrong(&shown(plain.as_ref())) }
        }
    }
}

/// The value that is handed over, with what was saved in place of its name. `None` for what is only expected.
pub(super) fn plain(value: &Value, saved: &Saved) -> Option<Answer> {
    Some(match value {
        Value::Bool(is) => Answer::Bool(*is),
        Value::Int(number) => Answer::Int(*number),
        Value::Float(number) => Answer::Float(*number),
        Value::Text(text) => Answer::Text(text.clone()),
        Value::Bytes(bytes) => Answer::Bytes(bytes.clone()),
        Value::Fill { byte, size } => Answer::Bytes(vec![*byte; *size]),
        Value::List(values) => Answer::List(values.iter().map(|value| plain(value, saved)).collect::<Option<_>>()?),
        Value::Table(fields) => {
            let field = |(key, value): &(String, Value)| Some((key.clone(), plain(value, saved)?));
            Answer::Record(fields.iter().map(field).collect::<Option<_>>()?)
        }
        Value::Saved(name) => saved.get(name)?.clone(),
        _ => return None,
    })
}

/// Numbers with a fraction are as exact as 32 bits allow.
fn same(wanted: &Answer, answer: &Answer) -> bool {
    match (wanted, answer) {
        (Answer::Float(wanted), Answer::Float(number)) => (wanted - number).abs() <= 1e-6 * wanted.abs().max(1.0),
        _ => wanted == answer,
    }
}

/// Each expectation in turn takes the first answer that it fits.
fn unordered(values: &[Value], list: &[Answer], saved: &Saved) -> Option<String> {
    let mut left: Vec<&Answer> = list.iter().collect();
    for (index, value) in values.iter().enumerate() {
        match left.iter().position(|answer| mismatch(value, answer, saved).is_none()) {
            Some(found) => {
                left.remove(found);
            }
            None => return Some(format!("has nothing that fits expectation {index}: {}", shown_list(list))),
        }
    }
    None
}

fn is_empty(answer: &Answer) -> bool {
    match answer {
        Answer::Nothing => true,
        Answer::Text(text) => text.is_empty(),
        Answer::Bytes(bytes) => bytes.is_empty(),
        Answer::List(list) => list.is_empty(),
        Answer::Record(fields) => fields.is_empty(),
        Answer::Bool(_) | Answer::Int(_) | Answer::Float(_) => false,
    }
}

fn number(answer: &Answer) -> Option<f64> {
    match answer {
        Answer::Int(number) => Some(*number as f64),
        Answer::Float(number) => Some(*number),
        _ => None,
    }
}

fn bound_number(bound: &Value, saved: &Saved) -> Option<f64> {
    plain(bound, saved).as_ref().and_then(number)
}

fn within(key: &str, problem: &str) -> String {
    format!(".{key}{}{problem}", if problem.starts_with('.') { "" } else { " " })
}

fn shown(answer: Option<&Answer>) -> String {
    answer.map_or_else(|| "another type of value".to_owned(), Answer::to_string)
}

fn shown_list(list: &[Answer]) -> String {
    list.iter().map(Answer::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(expected: &Value, answer: impl Into<Answer>) -> bool {
        mismatch(expected, &answer.into(), &Saved::from([("n".to_owned(), Answer::Int(7))])).is_none()
    }

    #[test]
    fn each_expectation_fits_what_it_says_and_nothing_else() {
        assert!(fits(&Value::Int(1), 1) && !fits(&Value::Int(1), 2) && !fits(&Value::Int(1), true));
        assert!(fits(&Value::Float(0.1), Answer::Float(f64::from(0.1_f32))) && !fits(&Value::Float(1.0), 1));
        assert!(fits(&Value::Saved("n".into()), 7) && !fits(&Value::Saved("n".into()), 8));
        assert!(!fits(&Value::Saved("unknown".into()), 7));
        assert!(fits(&Value::Any("text"), "x") && !fits(&Value::Any("text"), 1) && fits(&Value::Any("variant"), 1));
        let range = Value::Range { min: Some(Box::new(Value::Saved("n".into()))), max: Some(Box::new(Value::Int(9))) };
        assert!(fits(&range, 7) && fits(&range, 9) && !fits(&range, 6) && !fits(&range, 10) && !fits(&range, "8"));
        assert!(fits(&Value::Contains("b".into()), "abc") && !fits(&Value::Contains("d".into()), "abc"));
        assert!(fits(&Value::Empty, "") && !fits(&Value::Empty, "a") && !fits(&Value::Empty, 0));
        assert!(fits(&Value::Not(Box::new(Value::Empty)), "a") && !fits(&Value::Not(Box::new(Value::Empty)), ""));
        assert!(fits(&Value::Fill { byte: 1, size: 2 }, Answer::Bytes(vec![1, 1])));
        assert!(!fits(&Value::Fill { byte: 1, size: 2 }, Answer::Bytes(vec![1, 2])));
    }

    #[test]
    fn of_records_some_fields_are_compared_and_of_lists_all_elements() {
        let record = Answer::record([("a", 1.into()), ("b", "x".into())]);
        let field = |key: &str, value| Value::Table(vec![(key.to_owned(), value)]);
        assert!(fits(&field("a", Value::Int(1)), record.clone()));
        assert!(!fits(&field("a", Value::Int(2)), record.clone()));
        assert!(!fits(&field("c", Value::Any("int")), record));
        let list = || Answer::List(vec![1.into(), 2.into()]);
        let values = |numbers: &[i64]| numbers.iter().copied().map(Value::Int).collect::<Vec<_>>();
        assert!(fits(&Value::List(values(&[1, 2])), list()) && !fits(&Value::List(values(&[2, 1])), list()));
        assert!(!fits(&Value::List(values(&[1])), list()));
        assert!(fits(&Value::Unordered(values(&[2, 1])), list()) && !fits(&Value::Unordered(values(&[2, 2])), list()));
        assert!(!fits(&Value::Unordered(values(&[1])), list()));
    }
}
