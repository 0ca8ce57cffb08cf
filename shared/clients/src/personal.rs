//! Takes out of a text what may be a person's: phone numbers and e-mail addresses. A refusal that quotes the value it is
//! about would else carry a guest's number into logs and events. What only looks like a number stays: UUIDs, and dates
//! and times as ISO 8601 writes them.

/// What stands for it.
const HIDDEN: &str = "***";

/// From so many digits on a run of them may be a phone number.
const PHONE_DIGITS: usize = 7;

/// So many characters in a row may stand between two digits of a number.
const MAX_BETWEEN: usize = 4;

/// The lengths of a UUID's parts.
const UUID: [usize; 5] = [8, 4, 4, 4, 12];

/// The text without phone numbers and e-mail addresses. Nothing changes when it is done again.
pub(crate) fn without_personal(text: &str) -> String {
    without_phones(&without_mails(text))
}

fn without_mails(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = |inside: bool| rest.find(|c| in_mail(c) != inside).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end(in_mail(first)));
        if is_mail(piece) {
            shown.push_str(HIDDEN);
            let domain = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
            shown.push_str(piece.strip_prefix(domain).unwrap_or_default());
        } else {
            shown.push_str(piece);
        }
        rest = after;
    }
    shown
}

fn in_mail(c: char) -> bool {
    c.is_alphanumeric() || "@._%+-&!#$*~".contains(c)
}

/// Whether something stands before an `@` and a domain behind it.
fn is_mail(piece: &str) -> bool {
    let starts = |domain: &str| domain.starts_with(char::is_alphanumeric);
    piece.match_indices('@').any(|(at, _)| at > 0 && piece.get(at + 1..).is_some_and(starts))
}

fn without_phones(text: &str) -> String {
    let text = Text(text.chars().collect());
    let mut shown = String::with_capacity(text.0.len());
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if let Some(end) = text.harmless(at) {
            shown.extend(text.0.get(at..end).unwrap_or_default());
            at = end;
        } else if let Some(end) = text.phone(at) {
            shown.push_str(HIDDEN);
            at = end;
        } else {
            shown.push(c);
            at += 1;
        }
    }
    shown
}

/// Characters by position. What looks for something at a position gives the position behind it.
struct Text(Vec<char>);

impl Text {
    fn get(&self, at: usize) -> Option<char> {
        self.0.get(at).copied()
    }

    fn before(&self, at: usize) -> Option<char> {
        self.get(at.checked_sub(1)?)
    }

    fn is(&self, at: usize, what: impl Fn(char) -> bool) -> bool {
        self.get(at).is_some_and(what)
    }

    /// A phone number: digits, and what may stand before and between them.
    fn phone(&self, start: usize) -> Option<usize> {
        let opened = self.is(start, |c| c == '(');
        if !opened && !self.is(start, |c| c == '+' || c.is_numeric()) {
            return None;
        }
        let (mut at, mut end, mut digits) = (start, start, 0);
        while at <= end + MAX_BETWEEN && self.harmless(at).is_none() {
            match self.get(at) {
                Some(c) if c.is_numeric() => (digits, end) = (digits + 1, at + 1),
                Some(c) if is_between(c) => {}
                _ => break,
            }
            at += 1;
        }
        let closed = opened && self.is(end, |c| c == ')');
        (digits >= PHONE_DIGITS).then_some(end + usize::from(closed))
    }

    /// Something with digits that is no number of a person.
    fn harmless(&self, start: usize) -> Option<usize> {
        if self.before(start).is_some_and(|c| c.is_alphanumeric() || c == ':' && self.is_after_digit(start)) {
            return None;
        }
        self.uuid(start).or_else(|| self.date(start)).or_else(|| self.time(start))
    }

    /// Whether a digit stands before the character before this.
    fn is_after_digit(&self, at: usize) -> bool {
        at.checked_sub(2).is_some_and(|at| self.is(at, char::is_numeric))
    }

    fn uuid(&self, start: usize) -> Option<usize> {
        let mut at = start;
        for length in UUID {
            if at > start {
                at = self.one(at, |c| c == '-')?;
            }
            for _ in 0..length {
                at = self.one(at, |c| c.is_ascii_hexdigit())?;
            }
        }
        (!self.is(at, char::is_alphanumeric)).then_some(at)
    }

    /// A date of this century or its neighbours, and the time of day if one follows. One that more digits are joined to
    /// is none.
    fn date(&self, start: usize) -> Option<usize> {
        let joins = |c| matches!(c, '-' | '.');
        let joined_before =
            self.before(start).is_some_and(|c| c == '+' || joins(c) && self.is_after_digit(start));
        let at = self.number(start, 4, 1900..=2199)?;
        let at = self.number(self.one(at, |c| c == '-')?, 2, 1..=12)?;
        let at = self.number(self.one(at, |c| c == '-')?, 2, 1..=31)?;
        let joined_after =
            self.is(at, char::is_numeric) || self.is(at, joins) && self.is(at + 1, char::is_numeric);
        if joined_before || joined_after {
            return None;
        }
        let time = self.one(at, |c| matches!(c, 'T' | 't' | ' ')).and_then(|at| self.time(at));
        Some(time.unwrap_or(at))
    }

    /// A time of day: to the minute, the second or a part of it, with the zone if it is there.
    fn time(&self, start: usize) -> Option<usize> {
        let at = self.number(start, 2, 0..=24)?;
        let mut at = self.number(self.one(at, |c| c == ':')?, 2, 0..=59)?;
        if let Some(seconds) = self.one(at, |c| c == ':').and_then(|at| self.number(at, 2, 0..=60)) {
            at = self.fraction(seconds).unwrap_or(seconds);
        }
        if self.is(at, char::is_numeric) {
            return None;
        }
        Some(self.zone(at).unwrap_or(at))
    }

    fn fraction(&self, at: usize) -> Option<usize> {
        let start = self.one(at, |c| c == '.')?;
        let end = (start..start + 10).find(|at| !self.is(*at, char::is_numeric))?;
        (end > start).then_some(end)
    }

    fn zone(&self, at: usize) -> Option<usize> {
        let at = self.number(self.one(at, |c| matches!(c, '+' | '-'))?, 2, 0..=14)?;
        let at = self.number(self.one(at, |c| c == ':').unwrap_or(at), 2, 0..=59)?;
        (!self.is(at, char::is_numeric)).then_some(at)
    }

    fn one(&self, at: usize, what: impl Fn(char) -> bool) -> Option<usize> {
        self.is(at, what).then_some(at + 1)
    }

    /// A number of so many digits.
    fn number(&self, at: usize, digits: usize, range: std::ops::RangeInclusive<u32>) -> Option<usize> {
        let mut number = 0;
        for at in at..at + digits {
            number = number * 10 + self.get(at)?.to_digit(10)?;
        }
        range.contains(&number).then_some(at + digits)
    }
}

/// What may stand between the digits of one number.
fn is_between(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '.' | '(' | ')' | '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_number_is_not_shown() {
        for (text, shown) in [
            ("phone_number +353851234567 is invalid", "phone_number *** is invalid"),
            ("call 0851234567.", "call ***."),
            ("1234567", "***"),
            ("(085) 123-4567 is bad", "*** is bad"),
            ("(0851234567)", "***"),
            ("(+353 85 123 4567), and", "***, and"),
            ("+353 (0)85 123.45.67", "***"),
            ("+353-85-123-4567, 085 765 4321", "***, ***"),
            ("085\u{a0}123\u{2011}4567", "***"),
            (r#"{"phone":"0851234567"}"#, r#"{"phone":"***"}"#),
            ("tel:0851234567;ext=1", "tel:***;ext=1"),
            ("a1234567b", "a***b"),
            ("٠٨٥١٢٣٤٥٦٧", "***"),
            ("17:48 0851234567 at 2026-03-01 0851234567", "17:48 *** at 2026-03-01 ***"),
            ("2026-03-01-4567", "***"),
            ("085-2026-03-01", "***"),
            ("+2026-03-01", "***"),
            ("2026-13-01", "***"),
            ("17:48+353851234567", "17:48***"),
            ("497f6eca-6276-4993-bfeb-0851234567", "497f6eca-***-bfeb-***"),
        ] {
            assert_eq!(without_personal(text), shown, "{text}");
        }
    }

    #[test]
    fn an_e_mail_address_is_not_shown() {
        for (text, shown) in [
            ("Email bob.lee+x@mail.example.ie is taken.", "Email *** is taken."),
            ("write to bob@example.ie.", "write to ***."),
            ("<bob@example.ie>, 'eve_1@example.com'", "<***>, '***'"),
            (r#"{"email":"bob@example.ie"}"#, r#"{"email":"***"}"#),
            ("mailto:0851234567@example.ie?subject", "mailto:***?subject"),
            ("жук@пример.рф", "***"),
            ("bob@localhost", "***"),
            ("a@b@c.ie", "***"),
        ] {
            assert_eq!(without_personal(text), shown, "{text}");
        }
    }

    #[test]
    fn what_else_has_digits_is_left_as_it_is() {
        for text in [
            "2026-03-01T17:48:12",
            "2026-03-01T17:48:12.1234567Z",
            "2026-03-01T17:48:12+01:00",
            "2026-03-01T17:48:12.123-0530",
            "2026-03-01 17:48:12.123",
            "order 577 2026-03-01 17:48, (2026-03-01)",
            "from 2026-03-01 2026-03-02 to 17:48:12.1234567",
            "497f6eca-6276-4993-bfeb-53cbbbba6f08",
            "12345678-1234-4234-8234-123456789012",
            "order 577 49706276-6276-4993-8234-530000000008 12",
            "ids 12345678-1234-4234-8234-123456789012,497f6eca-6276-4993-8234-123456789012",
            r#"{"id":"12345678-1234-4234-8234-123456789012","at":"2026-03-01T17:48:12Z"}"#,
            "123456, 654321",
            "status 400: 12 of 34 (56)",
            "6992dc85d681",
            "@captain, 5 @ 7",
            "...((((++++----    ",
            "***",
            "",
        ] {
            assert_eq!(without_personal(text), text);
        }
    }
}
