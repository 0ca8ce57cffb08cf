//! A report in whatever columns, as a spreadsheet may have written it.

use proptest::prelude::*;
use serde_json::json;

use super::super::story::{received_at, split};
use super::*;
use crate::testing::{fixture, fixtures};

fn read(text: &str, payload: Option<&str>, kind: Option<&str>) -> Result<Vec<Row>, BodyError> {
    undelivered(text.as_bytes(), payload, kind, received_at())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn kinds(rows: &[Row]) -> Vec<(usize, Option<String>)> {
    let kind = |row: &Row| Some(row.split.as_ref().ok()?.events.first()?.kind.clone());
    rows.iter().map(|row| (row.number, kind(row))).collect()
}

fn kept(number: usize, kind: &str) -> (usize, Option<String>) {
    (number, Some(kind.to_owned()))
}

#[test]
fn each_row_is_the_event_that_it_would_have_been() {
    let body = String::from_utf8(fixture("bringg/order_assigned")).unwrap();
    let typed = json!({ "task": { "id": 7 }, "webhook_type": "task_done" }).to_string();
    let text = format!(
        "\u{feff}Id,Webhook Type,Sent At,PAY_LOAD\r\n1,Order Assigned To Driver,x,{}\r\n\r\n2,,x,{}\r\n,,,\r\n3,run_started,x,{{}}\r\n",
        quoted(&body),
        quoted(&typed),
    );
    let rows = read(&text, None, None).unwrap();
    assert_eq!(kinds(&rows), [kept(1, "order_assigned"), kept(2, "task_done"), (4, None)]);
    let sent = split(&["order_assigned"], body.as_bytes()).unwrap();
    assert_eq!(rows[0].split, Ok(sent), "the same as if it had been received, its key too");
    assert_eq!(rows[2].split, Ok(Split::ignored()));
}

#[test]
fn columns_are_found_by_the_usual_names_or_as_they_are_called() {
    let task = quoted(r#"{"id":7,"status":2}"#);
    for name in ["payload", "Body", "DATA", "Webhook Payload", "request-body"] {
        let rows = read(&format!("x,{name},Event Type\n1,{task},order_created\n"), None, None).unwrap();
        assert_eq!(kinds(&rows), [kept(1, "order_created")], "{name}");
    }
    let text = format!("payload,what,Содержание\nx,order_created,{task}\n");
    let rows = read(&text, Some("содержание"), Some(" W_hat ")).unwrap();
    assert_eq!(kinds(&rows), [kept(1, "order_created")]);
    let rows = read(&format!("payload\n{task}\n"), None, None).unwrap();
    assert_eq!(kinds(&rows), [kept(1, "task")]);
}

#[test]
fn what_is_wrong_is_said_of_its_row_and_never_shown() {
    let text = "id,payload\n1,{\"id\"=>\"Ann\"}\n2\n3,\"[]\"\n4,\"{\"\"id\"\":7}\"\n5,\"{\"\"id\"\":7,\"\"status\"\":2}\",more,\n6,{\"id\":7,\"name\":\"Ann\"}\n";
    let rows = read(text, None, None).unwrap();
    let said: Vec<_> = rows
        .iter()
        .map(|row| row.split.as_ref().map_or_else(ToString::to_string, |_| "ok".to_owned()))
        .collect();
    let expected = [
        "the body is not JSON",
        "payload_column: ",
        "body: ",
        "webhook_type: ",
        "ok",
        "the body is not JSON",
    ];
    assert_eq!(said.len(), expected.len());
    for (said, expected) in said.iter().zip(expected) {
        assert!(said.starts_with(expected) && !said.contains("Ann"), "{said}");
    }
}

#[test]
fn a_column_that_is_not_there_is_named_by_its_parameter() {
    for (text, payload, kind, field) in [
        ("id,x\n1,2\n", None, None, "payload_column: "),
        ("id,payload\n1,2\n", Some("body"), None, "payload_column: "),
        ("id,payload\n1,2\n", None, Some("event"), "type_column: "),
        ("", None, None, "body: "),
        ("\n\n", None, None, "body: "),
    ] {
        let error = read(text, payload, kind).unwrap_err().to_string();
        assert!(error.starts_with(field) && !error.contains("id"), "{error}");
    }
    assert_eq!(read("payload\n", None, None), Ok(vec![]));
}

#[test]
fn no_secret_of_a_row_is_kept() {
    let mut text = "type,payload\n".to_owned();
    for (name, body) in fixtures("bringg") {
        let kind = name.split("__").next().unwrap_or_default().trim_end_matches(".json");
        text.extend([kind, ",", &quoted(std::str::from_utf8(&body).unwrap()), "\n"]);
    }
    let rows = read(&text, None, None).unwrap();
    assert!(rows.len() > 30 && !format!("{rows:?}").contains("do-not-keep"));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[a-z\",;\\n\\r{}:\\[\\] ]{0,80}") {
        let _ = undelivered(&bytes, None, None, received_at());
        let _ = read(&format!("payload,type\n{text}"), None, None);
        let _ = read(&text, Some("a"), None);
    }
}
