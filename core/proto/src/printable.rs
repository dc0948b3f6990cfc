//! Text of a peer as it may be shown: in a log, an error, a window.

use core::fmt::{self, Write as _};

/// Shows a text without what could pass for something else: control characters, line ends, marks that turn the direction
/// of writing. These are escaped as in Rust.
pub struct Printable<'a>(pub &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .chars()
            .try_for_each(|c| if is_harmless(c) { f.write_char(c) } else { write!(f, "{}", c.escape_default()) })
    }
}

/// A text with what it may contain at most of itself, cut to so many bytes and [escaped](Printable).
pub fn printable(text: &str, bytes_max: usize) -> String {
    let mut text = Printable(&text[..text.floor_char_boundary(bytes_max)]).to_string();
    text.truncate(text.floor_char_boundary(bytes_max));
    text
}

fn is_harmless(c: char) -> bool {
    let disguises = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    !c.is_control() && !disguises
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_harmless_stays() {
        for text in ["", "the server is full", "Größe 5 °C, 日本語, 🎮", "back\\slash \"quoted\""] {
            assert_eq!(printable(text, 127), text);
        }
    }

    #[test]
    fn lines_cannot_be_forged() {
        assert_eq!(printable("bye\r\n2026-12-01 ERROR all is lost", 127), "bye\\r\\n2026-12-01 ERROR all is lost");
        assert_eq!(printable("\u{1b}[31mred\u{7}\0", 127), "\\u{1b}[31mred\\u{7}\\u{0}");
        assert_eq!(printable("a\u{85}b\u{2028}c\u{202e}d", 127), "a\\u{85}b\\u{2028}c\\u{202e}d");
    }

    #[test]
    fn it_is_cut() {
        assert_eq!(printable("äää", 5), "ää");
        assert_eq!(printable("\n\n\n", 3), "\\n\\");
        assert_eq!(printable(&"\u{1}".repeat(127), 127).len(), 127);
    }
}
