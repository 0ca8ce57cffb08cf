//! Access tokens, shared by all processes. A lease says who fetches the next one, so that an expiry in a dinner rush
//! leads to one call and not to hundreds.

use courier_domain::ports::{PortError, StoredToken, TokenStore};
use jiff::{SignedDuration, Timestamp};

use super::item::{NewItem, value};
use super::keys::{Key, n, s};
use super::{Table, unavailable};

/// Tokens are of no use after an hour; their items go some time later.
const TOKEN_HOURS: i64 = 2;

/// Also of a lease without a token: a login that is refused leaves nothing behind.
fn kept_until(at: Timestamp) -> Timestamp {
    at.saturating_add(SignedDuration::from_hours(TOKEN_HOURS)).unwrap_or(Timestamp::MAX)
}

impl TokenStore for Table {
    async fn token(&self, login: &str) -> Result<Option<StoredToken>, PortError> {
        let item = self.get(Key::token(login)).await?;
        item.filter(|item| item.contains_key("data")).map(|item| value(&item, "an access token")).transpose()
    }

    async fn lease(&self, login: &str, now: Timestamp, until: Timestamp) -> Result<bool, PortError> {
        let key = Key::token(login);
        let call = self.client.update_item().table_name(&self.name).key("pk", s(key.pk)).key("sk", s(key.sk));
        let call = call
            .update_expression("SET leased_until = :until, expires_at = if_not_exists(expires_at, :expires)")
            .condition_expression("attribute_not_exists(leased_until) OR leased_until <= :now")
            .expression_attribute_values(":until", n(until.as_millisecond()))
            .expression_attribute_values(":expires", n(kept_until(until).as_second()))
            .expression_attribute_values(":now", n(now.as_millisecond()));
        match call.send().await.map_err(aws_sdk_dynamodb::error::SdkError::into_service_error) {
            Ok(_) => Ok(true),
            Err(error) if error.is_conditional_check_failed_exception() => Ok(false),
            Err(error) => Err(unavailable(error)),
        }
    }

    async fn store(&self, login: &str, token: &StoredToken) -> Result<(), PortError> {
        let item = NewItem::new(Key::token(login), "an access token", token)?;
        let item = item.expiring(kept_until(token.obtained_at)).attributes();
        self.client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .send()
            .await
            .map_err(unavailable)?;
        Ok(())
    }
}
