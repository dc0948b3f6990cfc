//! Lists of revoked keys, as text: one key id per line, in decimal, with or without the letters `ID` before it that key
//! comments have. Behind a `#` stands what humans should know. Valve's library has the list, but no file format for it.

/// The line of a list that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the revocation list: `{text}` is not the id of a key, a number up to 18446744073709551615")]
pub struct RevocationListError {
    /// Counted from 1.
    pub line: usize,
    /// What stands there, cut short.
    pub text: String,
}

/// The key ids in a list.
///
/// # Errors
/// For the first line that is neither empty, nor a comment, nor a key id: a list with a typing error must not pass for a
/// shorter one.
pub fn parse(text: &str) -> Result<Vec<u64>, RevocationListError> {
    let mut ids = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let entry = line.split_once('#').map_or(line, |(entry, _)| entry).trim();
        if entry.is_empty() {
            continue;
        }
        let digits = entry.strip_prefix("ID").unwrap_or(entry);
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        match digits.parse() {
            Ok(id) if is_number => ids.push(id),
            _ => {
                let text = entry.chars().take(40).collect();
                return Err(RevocationListError { line: index + 1, text });
            }
        }
    }
    Ok(ids)
}

/// The line that revokes a key.
pub fn entry(key_id: u64, remark: &str) -> String {
    let remark = remark.replace(['\n', '\r'], " ");
    if remark.is_empty() { format!("{key_id}\n") } else { format!("{key_id} # {remark}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read() {
        let list = "# keys of players that were banned\n\n 17 \nID18446744073709551615 # str:mallory\r\n\t#\n0";
        assert_eq!(parse(list), Ok(vec![17, u64::MAX, 0]));
        assert_eq!(parse(""), Ok(vec![]));
        assert_eq!(parse(&(entry(5, "") + &entry(6, "two\nlines"))), Ok(vec![5, 6]));
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (list, line) in [("1\nx", 2), ("-1", 1), ("+1", 1), ("18446744073709551616", 1), ("1 2", 1), ("ID", 1)] {
            assert_eq!(parse(list).unwrap_err().line, line, "{list}");
        }
    }
}
