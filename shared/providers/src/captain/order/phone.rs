//! Phone numbers. Captain.AI takes them in international format only and refuses an order with any other, so one that says
//! its country (a plus, or 00) is told from one that does not: which country that belongs to is not known here.

/// Digits of the shortest number that somebody could be reached under, and of the longest there is.
const LENGTHS: std::ops::RangeInclusive<usize> = 7..=15;

/// A number that can be dialled.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Phone {
    /// A plus and digits.
    International(String),
    /// Digits, as they are dialled where the restaurant is.
    National(String),
}

impl Phone {
    /// The number in a text, if there is one. An extension is not part of it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let start = text.find(|c: char| c == '+' || c.is_ascii_digit())?;
        // +44 (0)20 …: the 0 is for callers from the same country only.
        let text = text.get(start..)?.replace("(0)", "");
        let (plus, text) = text.strip_prefix('+').map_or((false, text.as_str()), |rest| (true, rest));
        let belongs = |c: &char| c.is_ascii_digit() || c.is_whitespace() || "-.()/".contains(*c);
        let digits: String = text.chars().take_while(belongs).filter(char::is_ascii_digit).collect();
        let abroad = if plus { Some(digits.as_str()) } else { digits.strip_prefix("00") };
        // No country's code begins with 0, so such a number is not an international one, whatever stands before it.
        let abroad = abroad.filter(|number| !number.starts_with('0'));
        let number = abroad.unwrap_or(&digits);
        if !LENGTHS.contains(&number.len()) || number.bytes().all(|digit| digit == b'0') {
            return None;
        }
        let phone = abroad.map(|number| Self::International(format!("+{number}")));
        Some(phone.unwrap_or(Self::National(digits)))
    }

    /// The number, if it says its country.
    pub(super) fn international(&self) -> Option<&str> {
        if let Self::International(number) = self { Some(number) } else { None }
    }

    /// The number, if it does not.
    pub(super) fn national(&self) -> Option<&str> {
        if let Self::National(number) = self { Some(number) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_international_number_is_a_plus_and_digits() {
        for text in [
            "+35310000000",
            " +353 (1) 000-00.00 ",
            "00353 1 000 0000",
            "+353 (0)1 000 0000",
            "tel: +353/1/0000000",
            "+353 1 000 0000 ext. 7",
            "+353 1 000 0000, +353 1 000 0001",
            "+353\u{a0}1\u{a0}0000000",
        ] {
            let phone = Phone::read(text);
            assert_eq!(phone.as_ref().and_then(Phone::international), Some("+35310000000"), "{text}");
        }
    }

    #[test]
    fn a_number_of_an_unknown_country_is_its_digits() {
        for (text, digits) in
            [("01 000 0001", "010000001"), ("(087) 000-00-01", "0870000001"), ("+087 000 0001", "0870000001")]
        {
            let phone = Phone::read(text);
            assert_eq!(phone.as_ref().and_then(Phone::national), Some(digits), "{text}");
        }
    }

    #[test]
    fn what_nobody_can_be_reached_under_is_no_number() {
        for text in
            ["", "+", "none", "112", "+1", "0000000", "+000 000 000", "00", "1234567890123456", "٠٨٧٠٠٠٠"]
        {
            assert_eq!(Phone::read(text), None, "{text}");
        }
    }
}
