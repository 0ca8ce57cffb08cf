//! Paths with ids in them. Captain.AI's ids are short and of letters and digits; anything else could name another path,
//! and is not sent.

use crate::error::CallError;

/// The longest id that is taken for one, bytes. Theirs have 12.
const MAX: usize = 128;

/// What a template names an account by.
const ACCOUNT: &str = "{account_uuid}";
/// What a template names a driver by.
const DRIVER: &str = "{driver_uuid}";

/// An id, if it can stand in a path as it is.
pub(super) fn segment(id: &str) -> Result<&str, CallError> {
    let fits = (1..=MAX).contains(&id.len());
    if fits && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        Ok(id)
    } else {
        Err(CallError::Unsendable { what: "an id of Captain.AI is none" })
    }
}

/// A path from a template that names the driver, and usually the account.
pub(super) fn of_driver(template: &str, account: &str, driver: &str) -> Result<String, CallError> {
    if !template.contains(DRIVER) {
        return Err(CallError::Unsendable { what: "the path names no driver" });
    }
    let path = template.trim().trim_start_matches('/');
    let path = path.replace(ACCOUNT, segment(account)?).replace(DRIVER, segment(driver)?);
    Ok(format!("/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_holds_nothing_that_changes_the_path() {
        for good in ["6992dc85d681", "100000ben1es", "48fb4cd3-2ef6-4479-bea1-7c92721b988c"] {
            assert_eq!(segment(good).unwrap(), good);
        }
        let long = "a".repeat(129);
        for bad in ["", ".", "..", "a/b", "a%2fb", "a?b", "a#b", "a b", "é", "{a}", &long] {
            assert!(matches!(segment(bad), Err(CallError::Unsendable { .. })), "{bad}");
        }
    }

    #[test]
    fn a_template_is_filled_in_and_stays_on_its_host() {
        let path = |template| of_driver(template, "a1", "d2").ok();
        let usual = "/v1/accounts/{account_uuid}/drivers/{driver_uuid}/clock_in";
        assert_eq!(path(usual).unwrap(), "/v1/accounts/a1/drivers/d2/clock_in");
        assert_eq!(path("v2/on-duty/{driver_uuid}").unwrap(), "/v2/on-duty/d2");
        assert_eq!(path("//other.test/{driver_uuid}").unwrap(), "/other.test/d2");
        assert_eq!(path("/v1/accounts/{account_uuid}/clock_in"), None);
        assert!(of_driver(usual, "a1", "../orders").is_err());
    }
}
