//! A text inside an answer, borrowed from its body where it holds no escapes: of a long list only what is kept is copied.

use std::borrow::Cow;

use serde::Deserialize;

/// A text of an answer. Its own type, since serde borrows through a newtype and not through an `Option`.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_borrowed_unless_it_holds_escapes() {
        let text = |json| serde_json::from_str::<Option<Text<'_>>>(json).unwrap().unwrap().0;
        assert!(matches!(text(r#""Bob Lee""#), Cow::Borrowed("Bob Lee")));
        assert!(matches!(text(r#""Bob \"B\" Lee""#), Cow::Owned(name) if name == "Bob \"B\" Lee"));
    }
}
