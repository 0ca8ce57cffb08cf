//! A report in whatever columns, as a spreadsheet may have written it.

use proptest::prelude::*;
use serde_json::json;

use super::super::story::{received_at, split};
use super::*;
use crate::testing::{fixture, fixtures};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// All of them were sent when the story was.
fn read(text: &str, payload: Option<&str>, kind: Option<&str>) -> Result<Vec<Row>, BodyError> {
    let sent_at = Some(received_at());
    undelivered(text.as_bytes(), &Columns { payload, kind, sent_at, ..Columns::default() }, received_at())
}

/// When each row was sent, or the field that is wrong with it.
fn times(text: &str, time: Option<&str>, sent_at: Option<Timestamp>) -> Vec<Result<String, String>> {
    let columns = Columns { time, sent_at, ..Columns::default() };
    let rows = undelivered(text.as_bytes(), &columns, received_at()).unwrap();
    let field = |error: BodyError| error.to_string().split(':').next().unwrap_or_default().to_owned();
    rows.into_iter().map(|row| row.split.map(|_| row.sent_at.to_string()).map_err(field)).collect()
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
    for (text, time) in
        [("payload\n{}\n", None), ("payload,when\n{},x\n", None), ("payload,time\n", Some("when"))]
    {
        let columns = Columns { time, ..Columns::default() };
        let error = undelivered(text.as_bytes(), &columns, received_at()).unwrap_err().to_string();
        assert!(error.starts_with("time_column: "), "{error}");
    }
}

#[test]
fn a_row_is_as_old_as_it_says() {
    let text = |name: &str, written: &str| {
        format!(
            "{name},webhook_type,payload\n{written},driver_unavailable_status_changed,{}\n",
            quoted(r#"{"user":{"id":5},"user_available":true}"#)
        )
    };
    let sent = "2026-06-28T16:30:00Z";
    for written in [
        "2026-06-28T17:30:00+01:00",
        "2026-06-28 16:30:00 UTC",
        "2026-06-28 16:30:00",
        "1782664200",
        "1782664200000",
    ] {
        for name in ["Created At", "time", "first_attempt_at", "Sent-At"] {
            assert_eq!(times(&text(name, written), None, None), [Ok(sent.to_owned())], "{name} {written}");
        }
    }
    assert_eq!(times(&text("когда", sent), Some("когда"), None), [Ok(sent.to_owned())]);
    let (said, before) = (Some(at("2026-06-28T16:40:00Z")), "2026-06-28T16:40:00Z".to_owned());
    for odd in ["", "soon", "2026-06-28", "2014-12-31 00:00:00", "17146518449"] {
        assert_eq!(times(&text("time", odd), None, None), [Err("time_column".to_owned())], "{odd}");
        assert_eq!(times(&text("time", odd), None, said), [Ok(before.clone())], "{odd}");
    }
    assert_eq!(times(&text("x", ""), None, said), [Ok(before)]);
    // A clock that is ahead of ours does not make what was sent newer than now.
    let now = received_at().to_string();
    assert_eq!(times(&text("time", "2026-06-28T17:30:00Z"), None, None), [Ok(now.clone())]);
    assert_eq!(times(&text("x", ""), None, Some(at("2027-01-01T00:00:00Z"))), [Ok(now)]);
}

#[test]
fn the_same_report_brought_later_has_the_same_keys() {
    let text = format!(
        "time,webhook_type,payload\n2026-06-28 16:30:00,driver_unavailable_status_changed,{}\n",
        quoted(r#"{"user":{"id":5},"user_available":true}"#)
    );
    let read = |at: &str| undelivered(text.as_bytes(), &Columns::default(), at.parse().unwrap()).unwrap();
    assert_eq!(read("2026-06-28T17:00:00Z"), read("2026-06-29T09:00:00Z"));
}

#[test]
fn a_type_that_is_none_counts_only_where_the_column_was_named() {
    let text = format!("event,payload\nhttps://bridge.example/x,{}\n", quoted(r#"{"id":7,"status":2}"#));
    assert_eq!(kinds(&read(&text, None, None).unwrap()), [kept(1, "task")]);
    let refused = read(&text, None, Some("event")).unwrap().remove(0).split.unwrap_err().to_string();
    assert!(refused.starts_with("type_column: ") && !refused.contains("bridge"), "{refused}");
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
        let _ = undelivered(&bytes, &Columns::default(), received_at());
        let _ = undelivered(format!("time,payload\n{text}").as_bytes(), &Columns::default(), received_at());
        let _ = read(&format!("payload,type\n{text}"), None, None);
        let _ = read(&text, Some("a"), None);
    }
}
