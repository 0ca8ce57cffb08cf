//! Only a token that is signed with the key, with HS256, by the issuer, for the audience, about the subject, and in time.

use serde_json::{Value, json};

use super::*;

const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";
const NOW: i64 = 1_782_664_200;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn rules() -> JwtRules {
    JwtRules {
        issuer: "https://issuer.example".into(),
        audience: "bridge".into(),
        subject: "bringg-event".into(),
    }
}

fn claims(change: &Value) -> Value {
    let mut claims = json!({ "iss": "https://issuer.example", "aud": "bridge", "sub": "bringg-event", "iat": 0, "exp": NOW + 300 });
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims.as_object_mut().unwrap().retain(|_, value| *value != json!("absent"));
    claims
}

fn signed(algorithm: Algorithm, claims: &Value, key: &[u8]) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key)).unwrap()
}

fn checked(change: &Value) -> Result<(), &'static str> {
    check(&signed(Algorithm::HS256, &claims(change), KEY), KEY, &rules(), now())
}

#[test]
fn a_token_as_agreed_is_taken() {
    for change in [
        json!({}),
        json!({ "aud": ["others", "bridge"] }),
        json!({ "exp": NOW - 59 }),
        json!({ "exp": 1_782_664_500.5 }),
        json!({ "nbf": NOW + 60, "jti": "1" }),
        json!({ "nbf": null, "iat": "absent" }),
    ] {
        assert_eq!(checked(&change), Ok(()), "{change}");
    }
}

#[test]
fn every_claim_must_be_as_agreed() {
    for (change, why) in [
        (json!({ "iss": "https://other.example" }), "another issuer"),
        (json!({ "iss": "absent" }), "lacks"),
        (json!({ "aud": "others" }), "another audience"),
        (json!({ "aud": ["others"] }), "another audience"),
        (json!({ "aud": [] }), "another audience"),
        (json!({ "aud": null }), "lacks"),
        (json!({ "sub": "somebody" }), "another subject"),
        (json!({ "sub": 7 }), "lacks"),
        (json!({ "exp": "absent" }), "lacks"),
        (json!({ "exp": null }), "lacks"),
        (json!({ "exp": "never" }), "lacks"),
        (json!({ "exp": NOW - 60 }), "expired"),
        (json!({ "exp": 20160 }), "expired"),
        (json!({ "nbf": NOW + 61 }), "not valid yet"),
        (json!({ "nbf": "soon" }), "not valid yet"),
    ] {
        let refused = checked(&change).unwrap_err();
        assert!(refused.contains(why), "{change}: {refused}");
    }
}

#[test]
fn the_clock_is_that_of_the_call() {
    let token = signed(Algorithm::HS256, &claims(&json!({})), KEY);
    let at = |seconds| check(&token, KEY, &rules(), Timestamp::from_second(NOW + seconds).unwrap());
    assert_eq!((at(-100_000), at(359)), (Ok(()), Ok(())));
    assert!(at(360).is_err() && at(10_000_000).is_err());
}

#[test]
fn no_other_algorithm_key_or_content_is_taken() {
    let good = signed(Algorithm::HS256, &claims(&json!({})), KEY);
    let [head, told, signature] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let other = part(&claims(&json!({ "exp": NOW + 9000 })));
    for forged in [
        signed(Algorithm::HS384, &claims(&json!({})), KEY),
        signed(Algorithm::HS512, &claims(&json!({})), KEY),
        signed(Algorithm::HS256, &claims(&json!({})), b"another key of thirty-two bytes."),
        signed(Algorithm::HS256, &claims(&json!({})), b""),
        signed(Algorithm::HS256, &json!([1]), KEY),
        format!("{}.{told}.", part(&json!({ "alg": "none", "typ": "JWT" }))),
        format!("{}.{told}.{signature}", part(&json!({ "alg": "none" }))),
        format!("{}.{told}.{signature}", part(&json!({ "alg": "HS512" }))),
        format!("{}.{told}.{signature}", part(&json!({ "alg": "RS256" }))),
        format!("{}.{told}.{signature}", part(&json!({ "typ": "JWT" }))),
        format!("{head}.{other}.{signature}"),
        format!("{head}.{told}."),
        format!("{head}.{told}"),
        format!("{head}.{told}.{}", &signature[..20]),
        format!("{head}..{signature}"),
        "..".to_owned(),
        ".".repeat(100),
        String::new(),
        "token".to_owned(),
    ] {
        let refused = check(&forged, KEY, &rules(), now()).unwrap_err();
        assert!(!refused.contains(KEY.escape_ascii().to_string().as_str()), "{refused}");
    }
}

#[test]
fn a_key_is_read_in_either_alphabet_and_never_empty() {
    for text in ["+/8=", "+/8", "-_8=", "-_8", " +/8=\n"] {
        assert_eq!(key(&Secret::new(text)).as_deref(), Some(&[0xfb, 0xff][..]), "{text}");
    }
    for text in ["", "=", "*", "a"] {
        assert_eq!(key(&Secret::new(text)), None, "{text}");
    }
}
