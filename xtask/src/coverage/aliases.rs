//! The public items that say which function of the API they are.

use syn::{Attribute, ImplItem, Item as Syntax, Type, Visibility};

use crate::workspace::SourceText;

/// An item with an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Item {
    /// The function of the API.
    pub(super) alias: String,
    /// `Sockets::accept_connection`.
    pub(super) path: String,
    /// What a test writes to use it: any of these names.
    pub(super) calls: Vec<String>,
    /// What it also has to name, if that alone says too little.
    pub(super) of: Option<String>,
}

/// Every public item with an alias.
pub(super) fn find(files: &[SourceText]) -> Result<Vec<Item>, String> {
    let mut found = Vec::new();
    for file in files {
        let syntax = syn::parse_file(&file.text).map_err(|error| format!("{}: {error}", file.path))?;
        for item in &syntax.items {
            read(item, &mut found);
        }
    }
    Ok(found)
}

fn read(item: &Syntax, found: &mut Vec<Item>) {
    match item {
        Syntax::Fn(item) if is_public(&item.vis) => note(&item.attrs, None, &item.sig.ident.to_string(), found),
        Syntax::Struct(item) if is_public(&item.vis) => note(&item.attrs, None, &item.ident.to_string(), found),
        Syntax::Enum(item) if is_public(&item.vis) => {
            let name = item.ident.to_string();
            note(&item.attrs, None, &name, found);
            for variant in &item.variants {
                note(&variant.attrs, Some(&name), &variant.ident.to_string(), found);
            }
        }
        Syntax::Impl(block) => {
            let Type::Path(own) = block.self_ty.as_ref() else { return };
            let Some(own) = own.path.segments.last().map(|segment| segment.ident.to_string()) else { return };
            for item in &block.items {
                if let ImplItem::Fn(method) = item
                    && (is_public(&method.vis) || block.trait_.is_some())
                {
                    note(&method.attrs, Some(&own), &method.sig.ident.to_string(), found);
                }
            }
        }
        _ => {}
    }
}

fn note(attributes: &[Attribute], of: Option<&str>, name: &str, found: &mut Vec<Item>) {
    let path = of.map_or(name.to_owned(), |of| format!("{of}::{name}"));
    // Methods of these traits are called by other names, which many types have.
    let (calls, of) = match name {
        "from_str" => (vec!["from_str".to_owned(), "parse".to_owned()], of),
        "fmt" => (vec!["to_string".to_owned()], of),
        other => (vec![other.to_owned()], None),
    };
    for alias in attributes.iter().flat_map(aliases) {
        found.push(Item { alias, path: path.clone(), calls: calls.clone(), of: of.map(str::to_owned) });
    }
}

/// The names in `#[doc(alias = "..")]` and `#[doc(alias("..", ".."))]`.
fn aliases(attribute: &Attribute) -> Vec<String> {
    let mut names = Vec::new();
    if attribute.path().is_ident("doc") {
        // Doc comments are attributes of another form.
        let _ = attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("alias") {
                return Ok(());
            }
            if meta.input.peek(syn::Token![=]) {
                names.push(meta.value()?.parse::<syn::LitStr>()?.value());
            } else {
                let inside;
                syn::parenthesized!(inside in meta.input);
                let list = inside.parse_terminated(<syn::LitStr as syn::parse::Parse>::parse, syn::Token![,])?;
                names.extend(list.iter().map(syn::LitStr::value));
            }
            Ok(())
        });
    }
    names
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let file = SourceText { path: "x.rs".into(), text: text.into() };
        find(&[file]).expect("parses").into_iter().map(|item| (item.alias, item.path)).collect()
    }

    #[test]
    fn methods_functions_types_and_variants_have_aliases() {
        let text = r#"
            /// A doc comment is no alias.
            #[doc(alias("A", "B"))] pub struct S;
            impl S { #[doc(alias = "C")] pub fn method(&self) {} #[doc(alias = "D")] fn hidden(&self) {} }
            impl std::str::FromStr for S { #[doc(alias = "E")] fn from_str(text: &str) {} }
            pub enum En { #[doc(alias = "F")] Variant }
            #[doc(alias = "G")] pub fn free() {}
            #[doc(alias = "H")] pub(crate) fn inner() {}
        "#;
        let expected =
            [("A", "S"), ("B", "S"), ("C", "S::method"), ("E", "S::from_str"), ("F", "En::Variant"), ("G", "free")];
        assert_eq!(found(text), expected.map(|(alias, path)| (alias.to_owned(), path.to_owned())));
    }
}
