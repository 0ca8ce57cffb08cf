//! Bringg's report of webhooks that it gave up on.

use courier_domain::delivery::Provider;
use courier_domain::inbound::{InboundEvent, Sender};
use serde_json::{Value, json};

use super::{API_TOKEN, Caller, Told};
use crate::http::LARGEST_BODY;
use crate::testing::events::{fixture, of_fleet};
use crate::testing::{Bridge, with_token};

const PATH: &str = "/accounts/demo/fleets/bringg/undelivered";
/// What is said of a report without the times of its rows.
const SENT_AT: &str = "?sent_at=2026-06-28T15:59:00Z";

fn caller() -> Caller {
    let caller = Caller::with_account();
    caller.memory.edit_account(|account| {
        account.fleets.insert(Provider::Bringg, with_token("bringg-webhook-token"));
    });
    caller
}

/// A report with these columns, each field in quotes.
fn report(rows: &[&[&str]]) -> String {
    let field = |text: &&str| format!("\"{}\"", text.replace('"', "\"\""));
    let row = |fields: &&[&str]| fields.iter().map(field).collect::<Vec<_>>().join(",");
    rows.iter().map(row).collect::<Vec<_>>().join("\r\n")
}

async fn post(caller: &Caller, query: &str, report: &str) -> Told {
    caller.send("POST", &format!("{PATH}{query}"), Some(API_TOKEN), report.as_bytes()).await
}

fn note() -> String {
    fixture("bringg/note_created").to_string()
}

fn done() -> Value {
    let mut body = fixture("bringg/task_done");
    body.as_object_mut().unwrap().remove("webhook_type");
    body
}

#[tokio::test]
async fn each_row_is_queued_as_the_event_that_it_would_have_been() {
    let caller = caller();
    let (note, done) = (note(), done().to_string());
    let rows = report(&[&["webhook_type", "payload"], &["note_created", &note], &["task_done", &done]]);
    let told = post(&caller, SENT_AT, &rows).await;
    let expected = json!({ "rows": 2, "queued": 2, "ignored": 0, "refused_rows": 0, "refused": [] });
    assert_eq!((told.status, &told.body), (200, &expected));
    let as_called = [
        of_fleet(Provider::Bringg, &["note_created"], &fixture("bringg/note_created")),
        of_fleet(Provider::Bringg, &["task_done"], &serde_json::from_str(&done).unwrap()),
    ];
    let queued = caller.events.items();
    let keys = |events: &[InboundEvent]| events.iter().map(|event| event.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&queued), keys(&as_called), "what arrived after all is known by its key");
    for (event, called) in queued.iter().zip(&as_called) {
        assert_eq!((&event.subject, &event.body), (&called.subject, &called.body));
        assert_eq!((event.sender, event.account_id.as_str()), (Sender::Fleet(Provider::Bringg), "demo"));
    }
}

#[tokio::test]
async fn an_event_is_as_old_as_its_row_says_or_the_report_and_never_newer_than_now() {
    let (note, done) = (note(), done().to_string());
    let rows = report(&[
        &["created_at", "sent", "type", "payload"],
        &["2026-06-28T15:00:00Z", "2026-06-28T14:00:00Z", "", &note],
        &["", "", "task_done", &done],
        &["2026-06-28T19:00:00Z", "soon", "note_created", &note],
    ]);
    for (query, expected, refused) in [
        ("?sent_at=2026-06-28T15:30:00Z", vec!["15:00:00", "15:30:00", "15:30:00"], 0),
        ("?sent_at=2026-06-28T17:30:00%2B01:00", vec!["15:00:00", "16:00:00", "16:00:00"], 0),
        ("?time_column=created_at", vec!["15:00:00"], 2),
        ("?time_column=Sent", vec!["14:00:00"], 2),
    ] {
        let caller = caller();
        let told = post(&caller, &query.replace("%2B", "+"), &rows).await;
        assert_eq!(
            (told.status, &told.body["refused_rows"]),
            (200, &json!(refused)),
            "{query} {}",
            told.text
        );
        let times: Vec<_> = caller.events.items().iter().map(|event| event.received_at.to_string()).collect();
        let expected: Vec<_> = expected.iter().map(|time| format!("2026-06-28T{time}Z")).collect();
        assert_eq!(times, expected, "{query}");
    }
}

#[tokio::test]
async fn when_it_was_sent_must_be_said_somewhere() {
    let caller = caller();
    let rows = report(&[&["payload"], &[&note()]]);
    assert_eq!(post(&caller, "", &rows).await.problem(), (400, "time_column"));
    assert_eq!(post(&caller, "?time_column=sent", &rows).await.problem(), (400, "time_column"));
    for wrong in ["yesterday", "2026-06-28", "2026-06-28T16:30:00", "1782662400"] {
        assert_eq!(
            post(&caller, &format!("?sent_at={wrong}"), &rows).await.problem(),
            (400, "sent_at"),
            "{wrong}"
        );
    }
    assert!(caller.events.items().is_empty());
}

#[tokio::test]
async fn an_event_that_was_applied_is_not_applied_again_by_the_report() {
    let caller = caller();
    let bridge = Bridge { memory: caller.memory.clone(), ..Bridge::default() };
    let event = of_fleet(Provider::Bringg, &["note_created"], &fixture("bringg/note_created"));
    bridge.tell_all(&[crate::testing::events::announced(0), event]).await;
    let rows = report(&[&["payload"], &[&note()]]);
    assert_eq!(post(&caller, SENT_AT, &rows).await.body["queued"], 1);
    let links = bridge.memory.state().links.clone();
    bridge.tell_all(&caller.events.items()).await;
    assert_eq!(bridge.memory.state().links, links);
}

#[tokio::test]
async fn rows_that_are_of_no_use_are_counted_and_those_that_cannot_be_read_are_named() {
    let caller = caller();
    let (note, unknown) = (note(), fixture("bringg/unknown_type").to_string());
    let rows = report(&[
        &["Webhook Type", "Payload"],
        &["note_created", &note],
        &["", &unknown],
        &["task_done", "Testa Example"],
        &["", ""],
        &["task_done", ""],
        &["", r#"{"colour":"Testa Example"}"#],
        &["task_done", "[]"],
    ]);
    let told = post(&caller, SENT_AT, &rows).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(told.body["refused_rows"], 4);
    assert_eq!(
        (&told.body["rows"], &told.body["queued"], &told.body["ignored"]),
        (&json!(6), &json!(1), &json!(1))
    );
    let refused = told.body["refused"].as_array().unwrap();
    let named: Vec<_> =
        refused.iter().map(|row| (row["row"].as_u64().unwrap(), row["field"].as_str())).collect();
    assert_eq!(named, [(3, None), (5, Some("payload_column")), (6, Some("webhook_type")), (7, Some("body"))]);
    assert!(refused.iter().all(|row| !row["detail"].as_str().unwrap().is_empty()));
    assert!(!told.text.contains("Testa"), "{}", told.text);
}

#[tokio::test]
async fn columns_have_the_usual_names_or_those_that_are_said() {
    let rows = report(&[&["what", "it said"], &["task_done", &done().to_string()]]);
    let caller = caller();
    assert_eq!(post(&caller, SENT_AT, &rows).await.problem(), (400, "payload_column"));
    assert_eq!(
        post(&caller, &format!("{SENT_AT}&payload_column=nothing"), &rows).await.problem(),
        (400, "payload_column")
    );
    assert_eq!(
        post(&caller, &format!("{SENT_AT}&payload_column=it_said&type_column=who"), &rows).await.problem(),
        (400, "type_column")
    );
    let named = format!("{SENT_AT}&payload_column=It-Said&type_column=WHAT");
    let wrong = format!("{named}&time_column=when");
    assert_eq!(post(&caller, &wrong, &rows).await.problem(), (400, "time_column"));
    let told = post(&caller, &named, &rows).await;
    assert_eq!((told.status, &told.body["queued"]), (200, &json!(1)), "{}", told.text);
    assert_eq!(caller.events.items()[0].kind, "task_done");
    assert_eq!(post(&caller, "?column=x", &rows).await.problem(), (400, "column"));
}

#[tokio::test]
async fn a_file_without_rows_is_fine_and_one_without_columns_is_none() {
    let caller = caller();
    let nothing = json!({ "rows": 0, "queued": 0, "ignored": 0, "refused_rows": 0, "refused": [] });
    for empty in ["payload", "payload\r\n", "\u{feff}payload,webhook_type\n,\n\n"] {
        let told = post(&caller, SENT_AT, empty).await;
        assert_eq!((told.status, &told.body), (200, &nothing), "{empty:?}");
    }
    assert_eq!(post(&caller, SENT_AT, "").await.problem().0, 400);
    assert_eq!(caller.events.sent().calls, 0);
    let large = " ".repeat(LARGEST_BODY + 1);
    assert_eq!(post(&caller, SENT_AT, &large).await.problem().0, 413);
}

#[tokio::test]
async fn a_row_that_is_too_large_is_named_and_nothing_is_queued() {
    let caller = caller();
    caller.events.sent().too_large = Some(1);
    let rows = report(&[&["payload"], &[&note()], &["{"], &[&done().to_string()]]);
    let named =
        report(&[&["payload", "type"], &[&note(), ""], &["{", ""], &[&done().to_string(), "task_done"]]);
    assert_eq!(post(&caller, SENT_AT, &named).await.problem(), (413, "row 3"));
    assert_eq!(post(&caller, SENT_AT, &rows).await.problem(), (413, "row 3"));
    assert!(caller.events.items().is_empty());
}

#[tokio::test]
async fn a_queue_that_does_not_take_all_is_503_and_the_same_file_can_be_sent_again() {
    let caller = caller();
    caller.events.sent().to_fail = 1;
    let rows = report(&[&["payload"], &[&note()]]);
    assert_eq!(post(&caller, SENT_AT, &rows).await.problem(), (503, ""));
    assert_eq!(post(&caller, SENT_AT, &rows).await.body["queued"], 1);
}

#[tokio::test]
async fn texts_are_cut_as_those_of_calls_are() {
    let caller = caller();
    let mut body = fixture("bringg/note_created");
    body["note"] = json!("a".repeat(1024 * 1024));
    let told = post(&caller, SENT_AT, &report(&[&["payload"], &[&body.to_string()]])).await;
    assert_eq!(told.body["queued"], 1);
    assert!(caller.events.items()[0].body["note"].as_str().unwrap().len() < 100_000);
}

#[tokio::test]
async fn a_hundred_of_the_rows_that_cannot_be_read_are_shown() {
    let rows = format!("payload{}", "\nwhat".repeat(130));
    let told = post(&caller(), SENT_AT, &rows).await;
    assert_eq!((&told.body["rows"], &told.body["refused_rows"]), (&json!(130), &json!(130)));
    assert_eq!(told.body["refused"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn an_account_without_bringg_has_no_such_report() {
    let caller = Caller::with_account();
    assert_eq!(post(&caller, SENT_AT, "payload").await.problem().0, 404);
    let told =
        caller.send("POST", "/accounts/nobody/fleets/bringg/undelivered", Some(API_TOKEN), b"payload").await;
    assert_eq!(told.problem().0, 404);
    let told =
        caller.send("POST", "/accounts/demo/fleets/jelp/undelivered", Some(API_TOKEN), b"payload").await;
    assert_eq!(told.problem().0, 404, "no other fleet makes one");
}

#[tokio::test]
async fn of_a_disabled_account_all_rows_are_ignored_as_its_calls_are() {
    let caller = caller();
    caller.memory.edit_account(|account| account.enabled = false);
    let told = post(&caller, SENT_AT, &report(&[&["payload"], &[&note()], &["what"]])).await;
    let counts = ["rows", "queued", "ignored", "refused_rows"].map(|name| told.body[name].as_u64().unwrap());
    assert_eq!((told.status, counts), (200, [2, 0, 1, 1]));
    assert!(caller.events.items().is_empty());
}
