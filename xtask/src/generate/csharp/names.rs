//! Names and documentation as C# writes them.

use gamesockets_schema::enums::ResultCode;

/// The longest line of documentation.
const LINE: usize = 120;

/// The name of an enum.
pub(super) fn enum_name(rust_name: &'static str) -> &'static str {
    if rust_name == ResultCode::INFO.rust_name { "Result" } else { rust_name }
}

/// `max_message_size` and `MAX_MESSAGE_SIZE` as `MaxMessageSize`; what is written so already stays.
pub(super) fn pascal(name: &str) -> String {
    if !name.contains('_') && name.chars().any(char::is_lowercase) && name.starts_with(char::is_uppercase) {
        return name.to_owned();
    }
    name.split('_').map(capitalised).collect()
}

/// `max_message_size` as `maxMessageSize`.
pub(super) fn camel(name: &str) -> String {
    let pascal = pascal(name);
    let mut characters = pascal.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters.flat_map(char::to_lowercase)).collect()
}

/// A `<summary>`, wrapped.
pub(super) fn summary(indent: usize, text: &str) -> String {
    let margin = " ".repeat(indent);
    let text = escape(text);
    let one_line = format!("{margin}/// <summary>{text}</summary>\n");
    if one_line.trim_end().chars().count() <= LINE {
        return one_line;
    }
    let mut lines = vec![format!("{margin}/// <summary>"), format!("{margin}///")];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("begins with one");
        if line.chars().count() + 1 + word.chars().count() <= LINE {
            line.push_str(&format!(" {word}"));
        } else {
            lines.push(format!("{margin}/// {word}"));
        }
    }
    format!("{}\n{margin}/// </summary>\n", lines.join("\n"))
}

/// As XML, with the names that stand between backticks as code.
fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let parts: Vec<&str> = text.split('`').collect();
    let mut escaped = String::new();
    for (index, part) in parts.iter().enumerate() {
        escaped.push_str(part);
        if index + 1 < parts.len() {
            escaped.push_str(if index % 2 == 0 { "<c>" } else { "</c>" });
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_csharps() {
        for (name, expected) in [
            ("NoConnection", "NoConnection"),
            ("NAGLE_TIME", "NagleTime"),
            ("get_ipv4_fake_ip_type", "GetIpv4FakeIpType"),
            ("P2P", "P2p"),
            ("MTU_PACKET_SIZE", "MtuPacketSize"),
        ] {
            assert_eq!(pascal(name), expected);
        }
        assert_eq!(camel("user_data"), "userData");
    }

    #[test]
    fn documentation_is_xml() {
        assert_eq!(summary(0, "`a` < b & c."), "/// <summary><c>a</c> &lt; b &amp; c.</summary>\n");
        let long = summary(4, "word ".repeat(60).trim());
        assert!(long.lines().all(|line| line.starts_with("    /// ") && line.chars().count() <= LINE));
    }
}
