//! Which tests use which names, themselves or by the helpers that they call.

use std::collections::{BTreeSet, HashMap, HashSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::visit::Visit;

use super::aliases::Item;
use crate::workspace::SourceText;

/// The functions of all files that have tests.
pub(super) struct Tests {
    files: Vec<File>,
    /// Functions of modules that several files share, by name.
    shared: HashMap<String, BTreeSet<String>>,
}

struct File {
    stem: String,
    functions: Vec<Function>,
}

struct Function {
    name: String,
    is_test: bool,
    /// Every name in it.
    names: BTreeSet<String>,
}

impl Tests {
    pub(super) fn read(files: &[SourceText]) -> Result<Self, String> {
        let mut tests = Self { files: Vec::new(), shared: HashMap::new() };
        for file in files {
            let syntax = syn::parse_file(&file.text).map_err(|error| format!("{}: {error}", file.path))?;
            let mut collector = Collector { functions: Vec::new(), in_tests: is_helper(&file.path) };
            collector.visit_file(&syntax);
            if is_shared(&file.path) {
                tests.shared.extend(collector.functions.into_iter().map(|function| (function.name, function.names)));
            } else {
                tests.files.push(File { stem: stem(&file.path), functions: collector.functions });
            }
        }
        Ok(tests)
    }

    /// The tests that use an item, as `file::test`.
    pub(super) fn that_call(&self, item: &Item) -> Vec<String> {
        let mut tests = Vec::new();
        for file in &self.files {
            for test in file.functions.iter().filter(|function| function.is_test) {
                let names = self.reached(file, test);
                let called = item.calls.iter().any(|name| names.contains(name.as_str()));
                if called && item.of.as_ref().is_none_or(|of| names.contains(of.as_str())) {
                    tests.push(format!("{}::{}", file.stem, test.name));
                }
            }
        }
        tests
    }

    /// Every name in a test and in the helpers that it names.
    fn reached<'a>(&'a self, file: &'a File, test: &'a Function) -> HashSet<&'a str> {
        let mut names: HashSet<&str> = HashSet::new();
        let mut open: Vec<&str> = test.names.iter().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            if !names.insert(name) {
                continue;
            }
            let own = file.functions.iter().filter(|function| function.name == name && !function.is_test);
            open.extend(own.flat_map(|function| function.names.iter().map(String::as_str)));
            open.extend(self.shared.get(name).into_iter().flatten().map(String::as_str));
        }
        names
    }
}

/// In files of tests every function is collected; elsewhere only those in modules for tests.
struct Collector {
    functions: Vec<Function>,
    in_tests: bool,
}

impl Collector {
    fn note(&mut self, attributes: &[syn::Attribute], name: &syn::Ident, body: &syn::Block) {
        if self.in_tests {
            let mut names = BTreeSet::new();
            collect(body.to_token_stream(), &mut names);
            let is_test = attributes.iter().any(|attribute| attribute.path().is_ident("test"));
            self.functions.push(Function { name: name.to_string(), is_test, names });
        }
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        let before = self.in_tests;
        self.in_tests |= crate::tidy::rust::is_test(&module.attrs);
        syn::visit::visit_item_mod(self, module);
        self.in_tests = before;
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.note(&function.attrs, &function.sig.ident, &function.block);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.note(&function.attrs, &function.sig.ident, &function.block);
    }

    /// Tests that a macro makes, as proptest's.
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if self.in_tests {
            let mut names = BTreeSet::new();
            collect(item.mac.tokens.clone(), &mut names);
            let name = item.mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
            let is_test = names.contains("test");
            self.functions.push(Function { name, is_test, names });
        }
    }
}

fn collect(tokens: TokenStream, names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), names),
            TokenTree::Ident(ident) => {
                names.insert(ident.to_string());
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

fn is_helper(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("tests.rs")
}

fn is_shared(path: &str) -> bool {
    path.contains("/common/")
}

fn stem(path: &str) -> String {
    let path = path.trim_end_matches("/mod.rs").trim_end_matches(".rs");
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tests() -> Tests {
        let file = |path: &str, text: &str| SourceText { path: path.into(), text: text.into() };
        let files = [
            file("core/tests/common/mod.rs", "pub fn connect() { sockets.accept_connection(x); }"),
            file(
                "core/tests/life.rs",
                "fn helper() { common::connect(); }
                 #[test] fn direct() { sockets.close_connection(x); }
                 #[test] fn by_helpers() { helper(); }
                 #[test] fn parses() { let it: Identity = text.parse(); }",
            ),
            file(
                "core/src/x.rs",
                "fn not_a_test() { never(); } #[cfg(test)] mod tests { #[test] fn inner() { f(); } }",
            ),
        ];
        Tests::read(&files).expect("parses")
    }

    fn calling(name: &str, of: Option<&str>) -> Vec<String> {
        let of = of.map(str::to_owned);
        tests().that_call(&Item { alias: String::new(), path: String::new(), calls: vec![name.into()], of })
    }

    #[test]
    fn calls_are_found_through_helpers() {
        assert_eq!(calling("close_connection", None), ["life::direct"]);
        assert_eq!(calling("accept_connection", None), ["life::by_helpers"]);
        assert_eq!(calling("f", None), ["x::inner"]);
        assert!(calling("never", None).is_empty());
    }

    #[test]
    fn a_name_that_many_types_have_counts_with_its_type_only() {
        assert_eq!(calling("parse", Some("Identity")), ["life::parses"]);
        assert!(calling("parse", Some("Address")).is_empty());
    }
}
