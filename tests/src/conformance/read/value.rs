//! Values, read by what the schema says they are.

use gamesockets_schema::field::FieldKind;
use gamesockets_schema::records::RecordInfo;
use toml::Spanned;
use toml::de::DeValue;

use super::saved::Names;
use super::source::{Source, Table};
use crate::conformance::names;
use crate::conformance::script::Value;

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// It is handed over.
    Argument,
    /// It is compared with.
    Expectation,
}

/// Reads the values of a step.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source<'a>,
    /// What may be referred to.
    pub(super) names: &'a Names,
}

type Given<'a> = Spanned<DeValue<'a>>;

impl Reader<'_> {
    pub(super) fn expected(&self, kind: FieldKind, given: &Given<'_>) -> Result<Value, String> {
        self.read(kind, given, Place::Expectation)
    }

    /// A value of this kind.
    pub(super) fn read(&self, kind: FieldKind, given: &Given<'_>, place: Place) -> Result<Value, String> {
        if let Some(name) = given.get_ref().as_str().and_then(|text| text.strip_prefix('$')) {
            return if self.names.contains(name) {
                Ok(Value::Saved(name.to_owned()))
            } else {
                Err(self.problem(given, &format!("nothing was saved as `{name}` before")))
            };
        }
        if place == Place::Expectation
            && let Some(value) = self.matcher(kind, given)?
        {
            return Ok(value);
        }
        match kind {
            FieldKind::List(element) => {
                let list = given.get_ref().as_array().ok_or_else(|| self.unsuitable(kind, given))?;
                list.iter().map(|entry| self.read(*element, entry, place)).collect::<Result<_, _>>().map(Value::List)
            }
            FieldKind::Record(record) if place == Place::Expectation => self.record(record, given, place),
            FieldKind::Options => self.options(given),
            FieldKind::Native("SteamNetworkingConfigValue_t") => self.option(given),
            FieldKind::Bytes => self.bytes(given),
            FieldKind::Variant => self.variant(given),
            _ => self.scalar(kind, given),
        }
    }

    fn scalar(&self, kind: FieldKind, given: &Given<'_>) -> Result<Value, String> {
        let unsuitable = || self.unsuitable(kind, given);
        let value = given.get_ref();
        Ok(match (names::type_of(kind), value) {
            ("bool", DeValue::Boolean(is)) => Value::Bool(*is),
            ("int", DeValue::Integer(_)) => Value::Int(integer(value).ok_or_else(unsuitable)?),
            ("int", DeValue::String(name)) => Value::Int(self.number_of(kind, name, given)?),
            ("float", DeValue::Float(_) | DeValue::Integer(_)) => Value::Float(float(value).ok_or_else(unsuitable)?),
            ("text", DeValue::String(text)) => Value::Text(text.clone().into_owned()),
            _ => return Err(unsuitable()),
        })
    }

    fn number_of(&self, kind: FieldKind, name: &str, given: &Given<'_>) -> Result<i64, String> {
        match kind {
            FieldKind::Enum(info) => names::enum_number(info, name).ok_or_else(|| {
                let known = info.values.iter().filter_map(|row| row.godot_name);
                let hint = names::nearest(name, known).map_or(String::new(), |near| format!(": `{near}`?"));
                self.problem(given, &format!("`{name}` is no {}{hint}", info.godot_name))
            }),
            FieldKind::Flags(set) => names::flag_number(set, name)
                .ok_or_else(|| self.problem(given, &format!("`{name}` is no set of {set}"))),
            _ => Err(self.unsuitable(kind, given)),
        }
    }

    /// A value of an option: of any type.
    fn variant(&self, given: &Given<'_>) -> Result<Value, String> {
        let value = given.get_ref();
        let found = match value {
            DeValue::Integer(_) => integer(value).map(Value::Int),
            DeValue::Float(_) => float(value).map(Value::Float),
            DeValue::String(text) => Some(Value::Text(text.clone().into_owned())),
            _ => None,
        };
        found.ok_or_else(|| self.problem(given, "an option has a number or a text for a value"))
    }

    /// A text for its UTF-8, `{ hex = ".." }` or `{ fill = 65, size = 1000 }`.
    fn bytes(&self, given: &Given<'_>) -> Result<Value, String> {
        if let Some(text) = given.get_ref().as_str() {
            return Ok(Value::Bytes(text.as_bytes().to_vec()));
        }
        let table = Table::new(self.source, given)?;
        table.check_keys(&["hex", "fill", "size"])?;
        if let Some(digits) = table.text("hex")? {
            let digits: String = digits.split_whitespace().collect();
            return hex::decode(&digits).map(Value::Bytes).map_err(|error| table.problem("hex", &error.to_string()));
        }
        let number = |key: &str| table.get(key).and_then(|value| integer(value.get_ref()));
        let fill = number("fill").and_then(|byte| u8::try_from(byte).ok());
        match (fill, number("size").and_then(|size| usize::try_from(size).ok())) {
            (Some(byte), Some(size)) => Ok(Value::Fill { byte, size }),
            _ => Err(self.problem(given, "bytes are a text, { hex = \"00ff\" } or { fill = 65, size = 1000 }")),
        }
    }

    /// Options by name or number.
    fn options(&self, given: &Given<'_>) -> Result<Value, String> {
        let table = Table::new(self.source, given)?;
        let mut options = Vec::new();
        for (key, value) in table.entries {
            let number = names::option_number(key.get_ref())
                .ok_or_else(|| self.problem(given, &format!("`{}` is no option", key.get_ref())))?;
            options.push((number.to_string(), self.read(FieldKind::Variant, value, Place::Argument)?));
        }
        Ok(Value::Table(options))
    }

    /// The structure of one option: `{ option = "..", value = .. }`.
    fn option(&self, given: &Given<'_>) -> Result<Value, String> {
        let table = Table::new(self.source, given)?;
        table.check_keys(&["option", "value"])?;
        let (Some(option), Some(value)) = (table.get("option"), table.get("value")) else {
            return Err(self.problem(given, "an option is { option = \"..\", value = .. }"));
        };
        let kind = FieldKind::Enum(gamesockets_schema::ConfigValue::INFO);
        let option = self.read(kind, option, Place::Argument)?;
        let value = self.read(FieldKind::Variant, value, Place::Argument)?;
        Ok(Value::Table(vec![("option".to_owned(), option), ("value".to_owned(), value)]))
    }

    /// Some fields of a record.
    fn record(&self, record: &'static RecordInfo, given: &Given<'_>, place: Place) -> Result<Value, String> {
        let table = Table::new(self.source, given)?;
        let keys: Vec<_> = record.fields.iter().map(|field| field.key).collect();
        table.check_keys(&keys)?;
        let mut fields = Vec::new();
        // In the order of the record.
        for field in record.fields {
            if let Some(value) = table.get(field.key) {
                fields.push((field.key.to_owned(), self.read(field.kind, value, place)?));
            }
        }
        Ok(Value::Table(fields))
    }

    /// `{ any = true }` and its kin, which stand in place of a value.
    fn matcher(&self, kind: FieldKind, given: &Given<'_>) -> Result<Option<Value>, String> {
        let DeValue::Table(entries) = given.get_ref() else { return Ok(None) };
        let first = entries.keys().next().map(|key| key.get_ref().as_ref());
        let Some(first) = first else { return Ok(None) };
        let table = Table::new(self.source, given)?;
        let known: &[&str] = match first {
            "any" | "contains" | "empty" | "not" | "unordered" => &[first],
            "min" | "max" => &["min", "max"],
            _ => return Ok(None),
        };
        table.check_keys(known)?;
        let inner = |key: &str| table.get(key).map(|value| self.expected(kind, value));
        let text = || table.text(first).map(|text| text.unwrap_or_default().to_owned());
        Ok(Some(match first {
            "any" => Value::Any(names::type_of(kind)),
            "contains" if names::type_of(kind) == "text" => Value::Contains(text()?),
            "empty" => Value::Empty,
            "not" => match inner("not").transpose()? {
                Some(value) => Value::Not(Box::new(value)),
                None => return Ok(None),
            },
            "min" | "max" if matches!(names::type_of(kind), "int" | "float") => Value::Range {
                min: inner("min").transpose()?.map(Box::new),
                max: inner("max").transpose()?.map(Box::new),
            },
            "unordered" => match inner("unordered").transpose()? {
                Some(Value::List(list)) => Value::Unordered(list),
                _ => return Err(self.problem(given, "`unordered` is a list")),
            },
            _ => return Err(self.problem(given, &format!("`{first}` does not fit a {}", names::type_of(kind)))),
        }))
    }

    fn unsuitable(&self, kind: FieldKind, given: &Given<'_>) -> String {
        let wanted = names::type_of(kind);
        self.problem(given, &format!("this has to be of type {wanted}, not {}", given.get_ref().type_str()))
    }

    fn problem(&self, given: &Given<'_>, problem: &str) -> String {
        format!("{}: {problem}", self.source.place(&given.span()))
    }
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn float(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => integer(value).map(|number| number as f64),
    }
}
