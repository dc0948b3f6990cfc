//! Enums and constants of the schema, as constants of a class: walked from the tables, so that no name is written twice.

use gamesockets::schema::constants::CONSTANTS;
use gamesockets::schema::enums::ENUMS;
use gamesockets::schema::table::{ConstantInfo, EnumInfo, Group};
use godot::obj::GodotClass;
use godot::prelude::StringName;
use godot::register::private::constant::{ConstantKind, ExportConstant, IntegerConstant};

/// A constant of a class: its name, its number, what it means, and the enum it belongs to.
#[cfg_attr(not(feature = "docs"), allow(dead_code, reason = "only the documentation says what it means"))]
struct Constant {
    name: &'static str,
    value: i64,
    doc: &'static str,
    of: &'static str,
}

/// The enums of a class: those whose group is wanted.
pub(crate) fn enums(wanted: impl Fn(Group) -> bool) -> impl Iterator<Item = &'static EnumInfo> {
    ENUMS.iter().copied().filter(move |info| wanted(info.group))
}

/// Gives a class these enums: `Class.Enum.VALUE` and `Class.VALUE`, with their documentation.
pub(crate) fn register_enums<C: GodotClass>(infos: impl Iterator<Item = &'static EnumInfo>) {
    let mut documented = Vec::new();
    for info in infos {
        let rows: Vec<Constant> = info.values.iter().flat_map(|row| spellings(info, row)).collect();
        let enumerators = rows.iter().map(|row| IntegerConstant::new(row.name, row.value)).collect();
        let kind = ConstantKind::Enum { name: StringName::from(info.godot_name), enumerators };
        ExportConstant::new(C::class_id(), kind).register();
        documented.extend(rows);
    }
    document::<C>(&documented);
}

/// Gives a class all constants of the API that belong to no enum.
pub(crate) fn register_constants<C: GodotClass>() {
    let rows: Vec<Constant> = CONSTANTS.iter().flat_map(constant_spellings).collect();
    for row in &rows {
        let kind = ConstantKind::Integer(IntegerConstant::new(row.name, row.value));
        ExportConstant::new(C::class_id(), kind).register();
    }
    document::<C>(&rows);
}

/// GodotSteam's spelling, and the correct one where that is another.
fn spellings(
    info: &'static EnumInfo,
    row: &'static gamesockets::schema::table::EnumValue,
) -> impl Iterator<Item = Constant> {
    let names = row.godot_name.into_iter().chain(row.alias);
    names.map(|name| Constant { name, value: row.value.into(), doc: row.doc, of: info.godot_name })
}

fn constant_spellings(row: &'static ConstantInfo) -> impl Iterator<Item = Constant> {
    let names = row.godot_name.into_iter().chain(row.alias);
    names.map(|name| Constant { name, value: row.value, doc: row.doc, of: "" })
}

/// Without documentation there is nothing to hand over.
#[cfg(not(feature = "docs"))]
fn document<C: GodotClass>(_: &[Constant]) {}

/// Hands the documentation to the editor, in the form that gdext writes for its own constants.
#[cfg(feature = "docs")]
fn document<C: GodotClass>(rows: &[Constant]) {
    use godot::private::{__GODOT_DOCS_REGISTRY, DocsItem, DocsShard, InherentImplDocs};

    let docs = InherentImplDocs { constants_xml: String::leak(help::constants(rows)), ..InherentImplDocs::default() };
    let mut shards = __GODOT_DOCS_REGISTRY.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    shards.push(DocsShard::new::<C>(DocsItem::InherentImpl(docs)));
}

#[cfg(feature = "docs")]
mod help {
    //! Documentation in the form of the editor's help: XML with BBCode in it.

    use std::fmt::Write as _;

    use super::Constant;

    pub(super) fn constants(rows: &[Constant]) -> String {
        let mut text = String::new();
        for Constant { name, value, doc, of } in rows {
            let of = if of.is_empty() { String::new() } else { format!(" enum=\"{of}\"") };
            let doc = bbcode(doc);
            let _ = writeln!(text, "<constant name=\"{name}\" value=\"{value}\"{of}>{doc}</constant>");
        }
        text
    }

    /// A doc comment of the schema in the editor's markup.
    fn bbcode(doc: &str) -> String {
        let mut text = String::new();
        for (index, part) in doc.split('`').enumerate() {
            if index > 0 {
                text.push_str(if index % 2 == 1 { "[code]" } else { "[/code]" });
            }
            text.push_str(&part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('[', "[lb]"));
        }
        text
    }
}
