//! Identifiers, each its own type and checked once, where it enters. Syrve's ids are UUIDs; an account's id is a slug
//! because it is the last part of the webhook URLs that people type into other systems.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Why a text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a UUID.
    #[error("not a UUID")]
    NotUuid,
    /// Not an account id.
    #[error("an account id is 1 to 63 of a-z, 0-9 and -, and starts with a letter or digit")]
    NotAccountId,
    /// Empty or too long.
    #[error("must be 1 to {0} characters")]
    Length(usize),
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::try_parse(text.trim()).map(Self).map_err(|_| IdError::NotUuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A Syrve delivery order (`eventInfo.id`).
    OrderId
);
uuid_id!(
    /// A Syrve organization: one restaurant.
    OrganizationId
);
uuid_id!(
    /// A Syrve terminal group: the part of a restaurant where shifts are opened and orders are made.
    TerminalGroupId
);
uuid_id!(
    /// A role a Syrve employee works in during a shift.
    RoleId
);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $max:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text of the identifier.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                if text.is_empty() || text.len() > $max { Err(IdError::Length($max)) } else { Ok(Self(text)) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::try_from(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// The key of an inbound event: the same for every delivery of the same event.
    EventKey, 128
);
text_id!(
    /// A command's id, derived from the event that caused it, so that a redelivered cause names the same command.
    CommandId, 200
);
text_id!(
    /// A driver: the Syrve employee id, or `provider:agent` for one whom only a fleet knows.
    DriverId, 128
);

impl EventKey {
    /// The key of an event whose sender gives none: SHA-256 over what makes it the same event, as hex.
    pub fn hashed<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part.len().to_le_bytes());
            hash.update(part.as_bytes());
        }
        Self(hex::encode(hash.finalize()))
    }
}

impl CommandId {
    /// The id of the command of this kind that `cause` leads to.
    pub fn derived(kind: &str, cause: &EventKey) -> Self {
        Self(format!("{kind}-{cause}"))
    }
}

impl DriverId {
    /// The driver a fleet names by its own id only.
    pub fn of_fleet(provider: &str, agent: &str) -> Result<Self, IdError> {
        Self::try_from(format!("{provider}:{agent}"))
    }

    /// The Syrve employee id, if the driver has one.
    pub fn employee(&self) -> Option<Uuid> {
        Uuid::try_parse(&self.0).ok()
    }
}

impl From<Uuid> for DriverId {
    fn from(id: Uuid) -> Self {
        Self(id.hyphenated().to_string())
    }
}

/// An account: one restaurant, named by a slug.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

impl AccountId {
    /// The slug.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AccountId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        let ok = (1..=63).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-');
        if ok { Ok(Self(text)) } else { Err(IdError::NotAccountId) }
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> String {
        id.0
    }
}

impl FromStr for AccountId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::try_from(text.to_owned())
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_is_a_slug() {
        for good in ["demo", "a", "joes-diner-2", "0-0"] {
            assert!(good.parse::<AccountId>().is_ok(), "{good}");
        }
        for bad in ["", "-demo", "Demo", "a/b", "a#b", "ä", &"a".repeat(64)] {
            assert_eq!(bad.parse::<AccountId>(), Err(IdError::NotAccountId), "{bad}");
        }
    }

    #[test]
    fn an_order_id_is_a_uuid_in_any_spelling_and_prints_one_way() {
        let id: OrderId = "497F6ECA-6276-4993-BFEB-53CBBBBA6F08".parse().unwrap();
        assert_eq!(id.to_string(), "497f6eca-6276-4993-bfeb-53cbbbba6f08");
        assert_eq!("577".parse::<OrderId>(), Err(IdError::NotUuid));
    }
}
