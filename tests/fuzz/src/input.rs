//! What the bytes of an input mean: two that choose, then the body of a call. And the same body with one text or some
//! members replaced, to see where those go.

use serde_json::{Value, json};

/// A text as people write it. Its space keeps it from being taken for one of a sender's own words.
pub const PERSON: &str = "Ann Example, at the blue door";
/// The value of every member that must not be kept.
pub const SECRET: &str = "fuzz-c0ffee-not-to-be-kept";

/// An input.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Which of the URLs is called.
    pub path: u8,
    /// Which text of the body is replaced for some of the checks.
    pub place: u8,
    /// The body.
    pub body: &'a [u8],
}

/// Where the members are that must not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secrets {
    /// On the outside of the body, by these names.
    Outside(&'static [&'static str]),
    /// On the outside by this name; and wherever else its value is.
    Token(&'static str),
    /// Anywhere, by these names; also inside a text that holds JSON.
    Anywhere(&'static [&'static str]),
}

impl<'a> Input<'a> {
    /// Reads an input. One that is too short is none; nor is one with a text in it that is only ever put there by us: the
    /// fuzzer sees what it is compared with, and tries that as well.
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let [path, place, body @ ..] = bytes else { return None };
        let has = |text: &str| body.windows(text.len()).any(|part| part == text.as_bytes());
        (!has(PERSON) && !has(SECRET)).then_some(Self { path: *path, place: *place, body })
    }

    /// The body as JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body).ok()
    }

    /// The body with the text at the chosen place replaced by [`PERSON`], if there is any.
    pub fn with_person(&self) -> Option<Vec<u8>> {
        let mut body = self.json()?;
        self.replace(&mut body, PERSON).then(|| body.to_string().into_bytes())
    }

    /// The body with [`SECRET`] where a secret would be, if there is any such place.
    pub fn with_secret(&self, secrets: Secrets) -> Option<Vec<u8>> {
        let mut body = self.json()?;
        let planted = match secrets {
            Secrets::Outside(names) => plant(&mut body, names, false),
            Secrets::Anywhere(names) => {
                let inside = names.first().map(|name| json!([{ *name: SECRET }]).to_string());
                let planted = inside.is_some_and(|inside| self.replace(&mut body, &inside));
                plant(&mut body, names, true) | planted
            }
            Secrets::Token(name) => {
                self.replace(&mut body, &format!("it is {SECRET}"));
                plant(&mut body, &[name], false)
            }
        };
        planted.then(|| body.to_string().into_bytes())
    }

    fn replace(&self, body: &mut Value, with: &str) -> bool {
        let texts = texts(body);
        let place = usize::from(self.place).checked_rem(texts.len());
        let chosen = place.and_then(|place| texts.into_iter().nth(place));
        chosen.map(|text| with.clone_into(text)).is_some()
    }
}

/// Every text of a value.
fn texts(value: &mut Value) -> Vec<&mut String> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(list) => list.iter_mut().flat_map(texts).collect(),
        Value::Object(members) => members.values_mut().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Replaces the members of these names, also deep inside where asked to; says whether there were any.
fn plant(value: &mut Value, names: &[&str], deep: bool) -> bool {
    match value {
        Value::Object(members) => members.iter_mut().fold(false, |planted, (name, member)| {
            let is_secret = names.contains(&name.as_str());
            if is_secret {
                *member = SECRET.into();
            }
            planted | is_secret | (deep && plant(member, names, deep))
        }),
        Value::Array(list) if deep => {
            list.iter_mut().fold(false, |planted, element| planted | plant(element, names, deep))
        }
        _ => false,
    }
}
