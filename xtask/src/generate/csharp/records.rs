//! `Records.cs`: the schema's records as structs of fixed size.

use gamesockets_schema::constants;
use gamesockets_schema::field::FieldKind;
use gamesockets_schema::records::{FieldInfo, MessageRecord, RecordInfo};

use super::RECORDS;
use super::names::{camel, enum_name, pascal, summary};

/// How many bytes of a text there is room for. The lengths of the API count a terminating zero.
pub(super) fn capacity(record: &RecordInfo, field: &FieldInfo) -> usize {
    match field.rust_name {
        "remote_address" => constants::MAX_ADDRESS_STRING,
        "end_debug" => constants::MAX_CLOSE_REASON,
        "debug_description" => constants::MAX_CONNECTION_DESCRIPTION,
        "identity_string" => constants::MAX_IDENTITY_STRING,
        // The longest name of an option has 45.
        "name" => 64,
        other => panic!("how long can {}.{other} be?", record.rust_name),
    }
}

/// How many values a list has.
pub(super) fn count(record: &RecordInfo, field: &FieldInfo) -> usize {
    match field.rust_name {
        "ping_counts" | "quality_counts" => 9,
        "ping_percentiles" => 5,
        "quality_percentiles" => 4,
        "jitter_counts" => 6,
        other => panic!("how many values has {}.{other}?", record.rust_name),
    }
}

/// The text of the file.
pub(super) fn module() -> String {
    let records: Vec<String> = RECORDS.iter().map(|record| declaration(record)).collect();
    format!(
        "using System;\nusing System.Runtime.InteropServices;\n\n\
         // Fields are written by the native library.\n#pragma warning disable CS0649\n\n\
         namespace GameSockets\n{{\n{}}}\n",
        records.join("\n")
    )
}

fn declaration(record: &RecordInfo) -> String {
    // A message has a pointer; the public type of a message is written by hand.
    let is_public = record.rust_name != MessageRecord::INFO.rust_name;
    let access = if is_public { "public" } else { "internal" };
    let mut text = format!(
        "{}    [StructLayout(LayoutKind.Sequential)]\n    {access} unsafe struct {}\n    {{\n",
        summary(4, record.doc),
        record.rust_name
    );
    record.fields.iter().for_each(|field| text.push_str(&storage(record, field)));
    for field in record.fields {
        text.push_str(&format!("\n{}{}", summary(8, &field_doc(field)), property(record, field, access)));
    }
    text.push_str("    }\n");
    text
}

/// The field that the native library writes.
fn storage(record: &RecordInfo, field: &FieldInfo) -> String {
    let name = camel(field.rust_name);
    match field.kind {
        FieldKind::Text => {
            let capacity = capacity(record, field);
            format!("        private ushort {name}Length;\n        private fixed byte {name}Bytes[{capacity}];\n")
        }
        FieldKind::List(item) => {
            format!("        private fixed {} {name}Values[{}];\n", number(*item), count(record, field))
        }
        FieldKind::Bool => format!("        private byte {name};\n"),
        FieldKind::Bytes => format!("        private byte* {name};\n"),
        kind => format!("        private {} {name};\n", number(kind)),
    }
}

fn property(record: &RecordInfo, field: &FieldInfo, access: &str) -> String {
    let (own, name) = (camel(field.rust_name), pascal(field.rust_name));
    match field.kind {
        FieldKind::Text => format!(
            "        {access} readonly string {name}\n        {{\n            get\n            {{\n                \
             fixed (byte* bytes = {own}Bytes)\n                {{\n                    \
             return Utf8.ToString(bytes, {own}Length);\n                }}\n            }}\n        }}\n"
        ),
        FieldKind::List(item) => {
            let (item, count) = (number(*item), count(record, field));
            format!(
                "        /// <returns>A new array of {count} values.</returns>\n        \
                 {access} readonly {item}[] Get{name}()\n        {{\n            \
                 fixed ({item}* values = {own}Values)\n            {{\n                \
                 return new ReadOnlySpan<{item}>(values, {count}).ToArray();\n            }}\n        }}\n"
            )
        }
        FieldKind::Bool => format!("        {access} readonly bool {name} => {own} != 0;\n"),
        FieldKind::Bytes => format!("        {access} readonly byte* {name} => {own};\n"),
        kind => format!("        {access} readonly {} {name} => {own};\n", number(kind)),
    }
}

/// The type of a value that is a number, by name where it has one.
fn number(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::I32 => "int",
        FieldKind::I64 => "long",
        FieldKind::U16 => "ushort",
        FieldKind::U32 => "uint",
        FieldKind::U64 => "ulong",
        FieldKind::F32 => "float",
        FieldKind::Enum(info) => enum_name(info.rust_name),
        FieldKind::Flags(name) => name,
        other => panic!("{} is no number", other.rust()),
    }
}

fn field_doc(field: &FieldInfo) -> String {
    match field.unit.symbol() {
        "" => field.doc.to_owned(),
        unit => format!("{} ({unit}).", field.doc.trim_end_matches('.')),
    }
}

#[cfg(test)]
mod tests {
    use gamesockets_schema::config::OPTIONS;
    use gamesockets_schema::records::ConfigValueInfo;

    use super::*;

    #[test]
    fn every_name_of_an_option_fits() {
        let room = capacity(ConfigValueInfo::INFO, &ConfigValueInfo::INFO.fields[0]);
        assert!(OPTIONS.iter().all(|option| option.name.len() <= room));
    }
}
