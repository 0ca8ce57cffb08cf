//! What Captain.AI means by a status, and how it says that there is such an order already.

use crate::answer::Refused;
use crate::error::CallError;

/// How a message about the partners id begins or what it contains: its name as it is sent, or as it is written in
/// sentences, in which a final `id` is left out.
const PARTNERS_ID: [&str; 3] = ["partners unique internal order", "partner internal order", "partners order"];

/// How a message about an order as a whole says that it is there. One about the store's own number is not among them:
/// that number need not be unique.
const SUCH_AN_ORDER: [&str; 4] =
    ["order already exists", "order exists already", "duplicate order", "order has already been created"];

/// What is said of a value that has to be unique and is not.
const TAKEN: [&str; 8] = [
    "already been taken",
    "already taken",
    "is taken",
    "already exist",
    "already in use",
    "already used",
    "be unique",
    "not unique",
];

/// The error that an answer means. The keys are sent with every call, so a 401 is about them. A 403 may be about the one
/// account or order that the call names, and the keys are good for others.
pub(super) fn of_call(refused: Refused) -> CallError {
    let Refused { status, after, words } = refused;
    match status {
        401 => CallError::LoginRejected { status, words },
        403 => CallError::Forbidden { words },
        408 => CallError::Fault { status, after, words },
        _ => Refused { status, after, words }.usually(),
    }
}

/// Whether an order was not made because one with its partners id is there. The documentation says that a second one is
/// rejected, and not in what words.
pub(super) fn is_already_there(error: &CallError) -> bool {
    match error {
        CallError::Rejected { status: 400 | 409 | 422, words } => words.messages().any(says_already_there),
        _ => false,
    }
}

fn says_already_there(message: &str) -> bool {
    let message = message.to_lowercase().replace(['_', '.'], " ");
    let has = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    has(&SUCH_AN_ORDER) || (has(&PARTNERS_ID) && (has(&TAKEN) || message.contains("duplicate")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Outcome;
    use crate::words::Words;

    fn refused(status: u16, body: &str) -> CallError {
        of_call(Refused { status, after: None, words: Words::of_body(body.as_bytes(), &[]) })
    }

    #[test]
    fn a_refusal_of_the_keys_is_told_apart() {
        assert!(matches!(refused(401, ""), CallError::LoginRejected { status: 401, .. }));
        assert!(matches!(refused(403, ""), CallError::Forbidden { .. }));
        assert_eq!(refused(403, "").outcome(), Outcome::Final);
        assert!(matches!(refused(404, ""), CallError::Rejected { status: 404, .. }));
        assert_eq!(refused(408, "").outcome(), Outcome::Unknown);
    }

    #[test]
    fn an_order_that_is_there_is_told_by_the_words_about_its_partners_id() {
        for body in [
            r#"{"errors":["Partners unique internal order has already been taken"]}"#,
            r#"{"errors":["Partners unique internal order id must be unique"]}"#,
            r#"{"errors":{"partners_unique_internal_order_id":["is not unique"]}}"#,
            r#"{"errors":{"order":{"partners_unique_internal_order_id":["has already been taken"]}}}"#,
            r#"{"errors":["Recipient is odd","Partners unique internal order already exists"]}"#,
            r#"{"message":"Duplicate partners_unique_internal_order_id"}"#,
            r#"{"error":"Order already exists"}"#,
            "Duplicate order",
        ] {
            for status in [400, 409, 422] {
                assert!(is_already_there(&refused(status, body)), "{body}");
            }
            assert!(!is_already_there(&refused(404, body)), "{body}");
            assert!(!is_already_there(&refused(500, body)), "{body}");
        }
    }

    #[test]
    fn what_else_is_taken_or_wrong_does_not_mean_that_the_order_is_there() {
        for body in [
            r#"{"errors":["Partners unique internal order can't be blank"]}"#,
            r#"{"errors":{"recipient":{"email":["has already been taken"]}}}"#,
            r#"{"errors":["Store order reference description has already been taken"]}"#,
            r#"{"errors":["Partners unique internal order is too long","Email has already been taken"]}"#,
            "Conflict",
            "",
        ] {
            assert!(!is_already_there(&refused(422, body)), "{body}");
        }
    }
}
