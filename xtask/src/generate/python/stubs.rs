//! `_native.pyi`: the types of the native module. What is not in the schema stands in `stub_head.pyi`, by hand; `stubtest`
//! compares the whole with the module.

use super::functions::{Method, methods};
use super::{LINE, docstring};

/// The text of the stub.
pub(super) fn module() -> String {
    let mut text = include_str!("stub_head.pyi").to_owned();
    for method in methods() {
        text.push_str(&stub(&method));
    }
    text
}

fn stub(method: &Method) -> String {
    let parameters = method.parameters();
    let mut all = vec!["self".to_owned()];
    all.extend(parameters);
    let one_line = format!("    def {}({}) -> {}:\n", method.name, all.join(", "), method.returns());
    let head = if one_line.trim_end().chars().count() <= LINE {
        one_line
    } else {
        let lines: String = all.iter().map(|parameter| format!("        {parameter},\n")).collect();
        // A comma may not follow the last of keyword arguments; everywhere else it may.
        let lines = if all.iter().any(|parameter| parameter.starts_with("**")) {
            format!("{}\n", lines.trim_end().trim_end_matches(','))
        } else {
            lines
        };
        format!("    def {}(\n{lines}    ) -> {}:\n", method.name, method.returns())
    };
    format!("{head}{}", docstring(8, method.function.doc))
}
