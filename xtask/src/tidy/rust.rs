//! What the rules ask of Rust source: its tokens without tests, and the paths among them.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;

/// A word or sign, and the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

/// A path as written: `crate::wire::TAG_LEN`. A use of several names gives one path for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathUse {
    pub(super) segments: Vec<String>,
    pub(super) line: usize,
}

/// The tokens of a file without comments and without what is only compiled for tests.
pub(super) fn tokens(file: &syn::File) -> Vec<Token> {
    let mut tokens = Vec::new();
    for item in without_tests(&file.items) {
        flatten(item.to_token_stream(), &mut tokens);
    }
    tokens
}

/// Every path in these tokens that has more than one segment, in `use` and elsewhere, macros included.
pub(super) fn paths(tokens: &[Token]) -> Vec<PathUse> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let continues = index >= 2 && is_separator(tokens, index - 2);
        if is_word(&tokens[index]) && !continues && is_separator(tokens, index + 1) {
            index = read_path(tokens, index, &mut Vec::new(), &mut found);
        } else {
            index += 1;
        }
    }
    found
}

/// Whether an item is only compiled for tests.
pub(crate) fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.meta.to_token_stream().to_string().replace(' ', "") == "cfg(test)"
    })
}

fn without_tests(items: &[syn::Item]) -> Vec<syn::Item> {
    let keep = |item: &&syn::Item| !matches!(item, syn::Item::Mod(module) if is_test(&module.attrs));
    let strip = |item: &syn::Item| {
        let mut item = item.clone();
        if let syn::Item::Mod(syn::ItemMod { content: Some((_, inner)), .. }) = &mut item {
            *inner = without_tests(inner);
        }
        item
    };
    items.iter().filter(keep).map(strip).collect()
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    proc_macro2::Delimiter::Parenthesis => ("(", ")"),
                    proc_macro2::Delimiter::Brace => ("{", "}"),
                    proc_macro2::Delimiter::Bracket => ("[", "]"),
                    proc_macro2::Delimiter::None => ("", ""),
                };
                tokens.push(Token { text: open.into(), line });
                flatten(group.stream(), tokens);
                tokens.push(Token { text: close.into(), line: group.span_close().end().line });
            }
            other => tokens.push(Token { text: other.to_string(), line }),
        }
    }
}

/// Reads one path from `start`, and the trees of names in braces behind it.
fn read_path(tokens: &[Token], start: usize, prefix: &mut Vec<String>, found: &mut Vec<PathUse>) -> usize {
    let mut index = start;
    let depth = prefix.len();
    while let Some(token) = tokens.get(index) {
        if token.text == "{" {
            index = read_names(tokens, index + 1, prefix, found);
            prefix.truncate(depth);
            return index;
        }
        if !is_word(token) && token.text != "*" {
            break;
        }
        prefix.push(token.text.clone());
        index += 1;
        if !is_separator(tokens, index) {
            break;
        }
        index += 2;
    }
    let line = tokens.get(start).map_or(0, |token| token.line);
    found.push(PathUse { segments: prefix.clone(), line });
    prefix.truncate(depth);
    index
}

/// Reads the names between braces, up to behind the closing one.
fn read_names(tokens: &[Token], start: usize, prefix: &mut Vec<String>, found: &mut Vec<PathUse>) -> usize {
    let mut index = start;
    while let Some(token) = tokens.get(index) {
        if token.text == "}" {
            return index + 1;
        }
        if is_word(token) || token.text == "*" {
            index = read_path(tokens, index, prefix, found);
            // `as name` renames; it is no path.
            while tokens.get(index).is_some_and(|token| token.text != "," && token.text != "}") {
                index += 1;
            }
        } else {
            index += 1;
        }
    }
    index
}

fn is_separator(tokens: &[Token], index: usize) -> bool {
    let colon = |index: usize| tokens.get(index).is_some_and(|token| token.text == ":");
    colon(index) && colon(index + 1)
}

fn is_word(token: &Token) -> bool {
    token.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        let file = syn::parse_file(source).expect("valid Rust");
        paths(&tokens(&file)).into_iter().map(|path| format!("{}@{}", path.segments.join("::"), path.line)).collect()
    }

    #[test]
    fn paths_of_uses_are_taken_apart() {
        assert_eq!(
            found("use crate::wire::{self, frame::{Ack as A, encode}, *};\nuse super::x;"),
            [
                "crate::wire::self@1",
                "crate::wire::frame::Ack@1",
                "crate::wire::frame::encode@1",
                "crate::wire::*@1",
                "super::x@2"
            ]
        );
        assert_eq!(found("use crate::{a::B, C};"), ["crate::a::B@1", "crate::C@1"]);
    }

    #[test]
    fn paths_in_bodies_and_macros_count() {
        assert_eq!(
            found("fn f() { let x: u8 = crate::a::b(std::mem::take(y)); vec![crate::c::D]; }"),
            ["crate::a::b@1", "std::mem::take@1", "crate::c::D@1"]
        );
    }

    #[test]
    fn comments_texts_and_tests_do_not_count() {
        let source = "/// See [`crate::a::B`].\nfn f() -> &'static str { \"crate::a::b\" } // crate::a::b\n\
                      #[cfg(test)]\nmod tests { use crate::a::b; }\n\
                      mod inner { #[cfg(test)] mod tests { use crate::a::b; } }";
        assert_eq!(found(source), [""; 0]);
    }
}
