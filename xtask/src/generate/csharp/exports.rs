//! `NativeMethods.cs` and `NativeStructs.cs`: what the native part exports, read from its sources.

use gamesockets_schema::functions::{FunctionInfo, all};
use syn::{
    Attribute, Expr, FnArg, GenericArgument, Item, ItemFn, ItemStruct, Lit, Meta, Pat, PathArguments, ReturnType, Type,
};

use super::NATIVE;
use super::names::{camel, pascal, summary};
use crate::workspace::{root, rust_files};

const PREFIX: &str = "gamesockets_";

const LIBRARY: &str = r#"#if (UNITY_IOS || UNITY_TVOS || UNITY_WEBGL) && !UNITY_EDITOR
        private const string Library = "__Internal";
#else
        private const string Library = "gamesockets_ffi";
#endif
"#;

/// The text of `NativeMethods.cs`.
pub(super) fn methods() -> String {
    let mut text = String::from("using System;\nusing System.Runtime.InteropServices;\n\nnamespace GameSockets\n{\n");
    text.push_str(&summary(4, "The functions of the native library, as they are."));
    text.push_str("    internal static unsafe class NativeMethods\n    {\n");
    text.push_str(LIBRARY);
    functions().iter().for_each(|function| text.push_str(&method(function)));
    text.push_str("    }\n}\n");
    text
}

/// The text of `NativeStructs.cs`.
pub(super) fn structs() -> String {
    let items = items(&format!("{NATIVE}/structs.rs"));
    let structs: Vec<String> = items
        .iter()
        .filter_map(|item| match item {
            Item::Struct(item) => Some(structure(item)),
            _ => None,
        })
        .collect();
    format!(
        "using System;\nusing System.Runtime.InteropServices;\n\n\
         // Some fields are written by the native library alone.\n#pragma warning disable CS0649\n\n\
         namespace GameSockets\n{{\n{}}}\n",
        structs.join("\n")
    )
}

/// Every exported function, by file.
pub(super) fn functions() -> Vec<ItemFn> {
    let is_exported = |function: &ItemFn| function.sig.ident.to_string().starts_with(PREFIX);
    let functions = items(&format!("{NATIVE}/functions")).into_iter().filter_map(|item| match item {
        Item::Fn(function) if is_exported(&function) => Some(function),
        _ => None,
    });
    functions.collect()
}

/// The items of a file, or of the files of a folder.
fn items(path: &str) -> Vec<Item> {
    let (folder, _) = path.rsplit_once('/').unwrap_or((path, ""));
    let mut files = rust_files(&root(), &[folder]).unwrap_or_else(|error| panic!("{path}: {error}"));
    files.retain(|file| file.path == path || file.path.starts_with(&format!("{path}/")));
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let parse = |file: &crate::workspace::SourceText| match syn::parse_file(&file.text) {
        Ok(syntax) => syntax.items,
        Err(error) => panic!("{}: {error}", file.path),
    };
    files.iter().flat_map(parse).collect()
}

fn method(function: &ItemFn) -> String {
    let entry = function.sig.ident.to_string();
    let doc = of_schema(function).map_or_else(|| doc(&function.attrs), |function| function.doc.to_owned());
    let parameters = function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(input),
        FnArg::Receiver(_) => None,
    });
    let parameters: Vec<String> = parameters
        .map(|input| match input.pat.as_ref() {
            Pat::Ident(name) => format!("{} {}", csharp(&input.ty), camel(&name.ident.to_string())),
            _ => panic!("{entry}: a parameter without a name"),
        })
        .collect();
    let returns = match &function.sig.output {
        ReturnType::Type(_, kind) => csharp(kind),
        ReturnType::Default => "void".to_owned(),
    };
    let name = pascal(entry.trim_start_matches(PREFIX));
    let import = "[DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true,";
    format!(
        "\n{}        {import}\n            EntryPoint = \"{entry}\")]\n        \
         internal static extern {returns} {name}(\n            {});\n",
        summary(8, &doc),
        parameters.join(",\n            ")
    )
    .replace("(\n            );", "();")
}

fn structure(item: &ItemStruct) -> String {
    let mut text = summary(4, &doc(&item.attrs));
    text.push_str("    [StructLayout(LayoutKind.Sequential)]\n");
    text.push_str(&format!("    internal unsafe struct Native{}\n    {{\n", item.ident));
    let fields: Vec<String> = item
        .fields
        .iter()
        .filter_map(|field| {
            let name = pascal(&field.ident.as_ref()?.to_string());
            Some(format!("{}        internal {} {name};\n", summary(8, &doc(&field.attrs)), csharp(&field.ty)))
        })
        .collect();
    text.push_str(&fields.join("\n"));
    text.push_str("    }\n");
    text
}

/// The function of the API that it is.
pub(super) fn of_schema(function: &ItemFn) -> Option<&'static FunctionInfo> {
    let alias = function.attrs.iter().find_map(|attribute| {
        let Meta::List(list) = &attribute.meta else { return None };
        let text = list.tokens.to_string();
        text.trim().strip_prefix("alias")?.trim().strip_prefix('=').map(|name| name.trim().trim_matches('"').to_owned())
    })?;
    let found = all().find(|function| [function.steam_name, function.godot_name].contains(&Some(alias.as_str())));
    Some(found.unwrap_or_else(|| panic!("{}: the schema has no function {alias}", function.sig.ident)))
}

/// The first paragraph of a doc comment.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value().trim().to_owned()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A type of the border.
fn csharp(kind: &Type) -> String {
    match kind {
        Type::Ptr(pointer) => format!("{}*", csharp(&pointer.elem)),
        Type::Path(path) => {
            let segment = path.path.segments.last().expect("a type has a name");
            let name = segment.ident.to_string();
            match (name.as_str(), &segment.arguments) {
                ("In" | "Out", PathArguments::AngleBracketed(arguments)) => match arguments.args.first() {
                    Some(GenericArgument::Type(inner)) => format!("{}*", csharp(inner)),
                    _ => panic!("{name} points to nothing"),
                },
                _ => plain(&name),
            }
        }
        _ => panic!("a type that no other language has"),
    }
}

fn plain(name: &str) -> String {
    let known = match name {
        "u8" => "byte",
        "u16" => "ushort",
        "u32" => "uint",
        "u64" => "ulong",
        "i32" => "int",
        "i64" => "long",
        "f32" => "float",
        "usize" => "UIntPtr",
        "Code" => "Result",
        record if super::RECORDS.iter().any(|info| info.rust_name == record) => record,
        other => return format!("Native{other}"),
    };
    known.to_owned()
}

#[cfg(test)]
mod tests {
    use gamesockets_schema::functions::Needs;
    use gamesockets_schema::table::Group;

    use super::*;

    /// Functions that this library can answer alone, although the table says that they need a service.
    const ANSWERED_ALONE: &[&str] = &["GetIdentity", "ResetIdentity", "GetIPv4FakeIPType", "IsFakeIPv4"];
    /// What other functions do, or nobody needs here.
    const COVERED: &[&str] = &[
        // A span is enough to send from.
        "AllocateMessage",
        "SetConfigValueStruct",
        "SetConnectionConfigValueFloat",
        "SetConnectionConfigValueInt32",
        "SetConnectionConfigValueString",
        "SetGlobalConfigValueFloat",
        "SetGlobalConfigValueInt32",
        "SetGlobalConfigValueString",
        // Callbacks are events.
        "SetGlobalConfigValuePtr",
        "SteamNetworkingIPAddr_ToString",
    ];

    #[test]
    fn every_function_that_the_core_has_is_exported() {
        let exported: Vec<_> = functions().iter().filter_map(of_schema).filter_map(|info| info.steam_name).collect();
        for function in all() {
            let Some(name) = function.steam_name else { continue };
            let is_local = matches!(function.needs, Needs::Local | Needs::CertificateAuthority);
            let is_wanted = matches!(function.group, Group::Sockets | Group::Utils) && is_local;
            let is_callback = name.starts_with("SetGlobalCallback_");
            if (is_wanted && !is_callback && !COVERED.contains(&name)) || ANSWERED_ALONE.contains(&name) {
                assert!(exported.contains(&name), "{name} is not exported");
            }
        }
    }

    #[test]
    fn every_export_says_what_it_does() {
        for function in functions() {
            assert!(doc(&function.attrs).ends_with('.'), "{}", function.sig.ident);
        }
    }
}
