//! What a certificate is good for: how long, and where.

use clap::Args;

use crate::{Outcome, time};

const SECONDS_PER_DAY: u64 = 86_400;

/// From now for so many days, Unix seconds.
pub(crate) fn validity(days: u32) -> Outcome<(u32, u32)> {
    let now = time::now();
    let expiry = u64::from(now) + u64::from(days) * SECONDS_PER_DAY;
    let too_long = |_| "--days: a certificate has to expire before the year 2106".to_owned();
    u32::try_from(expiry).map(|expiry| (now, expiry)).map_err(too_long)
}

/// Where a certificate is good.
#[derive(Args)]
pub(crate) struct Points {
    /// A point of presence (data center) that it is good for, as fra or as a number; may be given several times.
    #[arg(long = "pop", value_name = "POP", value_parser = parse_point)]
    points: Vec<u32>,
}

impl Points {
    pub(crate) fn ids(&self) -> Vec<u32> {
        self.points.clone()
    }
}

/// Three characters in the low bytes, a fourth in the highest (wire-p2p section 6.4).
fn parse_point(text: &str) -> Outcome<u32> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let is_code = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    match *text.as_bytes() {
        [a, b, c] if is_code => Ok(u32::from_be_bytes([0, a, b, c])),
        [a, b, c, d] if is_code => Ok(u32::from_be_bytes([d, a, b, c])),
        _ => Err("a point of presence is three or four lower-case letters or digits, or a number".into()),
    }
}

/// The code of a point of presence, or its number if it has none.
pub(crate) fn point_text(id: u32) -> String {
    let [fourth, a, b, c] = id.to_be_bytes();
    let code: Vec<u8> = if fourth == 0 { vec![a, b, c] } else { vec![a, b, c, fourth] };
    match String::from_utf8(code) {
        Ok(code) if code.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) => code,
        _ => id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_presence_are_known_by_their_codes() {
        // wire-p2p section 6.4.
        for (code, id) in [("iad", 6_906_212), ("sto", 7_566_447), ("mwh", 7_173_992), ("sto2", 0x3273_746f)] {
            assert_eq!(parse_point(code), Ok(id));
            assert_eq!(point_text(id), code);
        }
        assert_eq!(parse_point("17"), Ok(17));
        assert_eq!(point_text(17), "17");
        for text in ["", "fr", "FRA", "frank", "f a", "é"] {
            assert!(parse_point(text).is_err(), "{text}");
        }
    }
}
