//! Opening, closing and looking at shifts: what is sent, and what is made of each kind of answer.

use wiremock::matchers::body_json;

use super::*;
use crate::syrve::Outcome;

const SHIFT: &str = "/api/1/employees/shift";
const BY_COURIER_PATH: &str = "/api/1/employees/shifts/by_courier";
const DRIVER: &str = "ffc60000-0000-4000-8000-000000000017";
const GROUP: &str = "a5561d5e-0000-4000-8000-000000000001";
const ROLE: &str = "0a1b2c3d-0000-4000-8000-000000000009";

/// A Syrve that answers a call to `path` with this body only so.
async fn expecting(path: &str, body: Value, answer: ResponseTemplate) -> World {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    post(path)
        .and(header("authorization", "Bearer token-1"))
        .and(body_json(body))
        .respond_with(answer)
        .mount(&world.server)
        .await;
    world
}

fn shift() -> Value {
    json!({"organizationId": ORGANIZATION, "terminalGroupId": GROUP, "employeeId": DRIVER})
}

fn says(answer: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(answer)
}

async fn clock_in(answer: ResponseTemplate, role: Option<&str>) -> Result<CorrelationId, CallError> {
    let mut body = shift();
    body["roleId"] = json!(role);
    let world = expecting(&format!("{SHIFT}/clockin"), body, answer).await;
    let role = role.map(|role| role.parse().unwrap());
    let (group, driver) = (GROUP.parse().unwrap(), DRIVER.to_uppercase().parse().unwrap());
    world.client.clock_in(&world.login, &organization(), &group, &driver, role, None).await
}

async fn clock_out(answer: ResponseTemplate) -> Result<CorrelationId, CallError> {
    let world = expecting(&format!("{SHIFT}/clockout"), shift(), answer).await;
    let (group, driver) = (GROUP.parse().unwrap(), DRIVER.parse().unwrap());
    let answer = world.client.clock_out(&world.login, &organization(), &group, &driver, None).await;
    assert_eq!(world.store.1.passed(), [("shifts", Rate::per_minute(100))]);
    answer
}

async fn is_open(answer: Value) -> Result<bool, CallError> {
    let world = expecting(&format!("{SHIFT}/is_open"), shift(), says(answer)).await;
    let (group, driver) = (GROUP.parse().unwrap(), DRIVER.parse().unwrap());
    world.client.shift_is_open(&world.login, &organization(), &group, &driver).await
}

#[tokio::test]
async fn a_shift_is_opened_with_a_role_or_with_null() {
    let accepted = || says(json!({"correlationId": CORRELATION, "error": null}));
    assert_eq!(clock_in(accepted(), None).await.unwrap().as_str(), CORRELATION);
    assert_eq!(clock_in(accepted(), Some(ROLE)).await.unwrap().as_str(), CORRELATION);
    assert_eq!(
        clock_in(says(json!({"correlationId": CORRELATION})), None).await.unwrap().as_str(),
        CORRELATION
    );
}

#[tokio::test]
async fn a_shift_is_closed_without_a_role() {
    let accepted = says(json!({"correlationId": CORRELATION, "error": null}));
    assert_eq!(clock_out(accepted).await.unwrap().as_str(), CORRELATION);
}

#[tokio::test]
async fn a_success_whose_error_is_set_is_a_refusal() {
    for (error, words) in [
        (json!("Shift is already opened"), "Shift is already opened"),
        (json!({"code": 7}), r#"{"code":7}"#),
        (json!(""), "(no words)"),
    ] {
        for answer in [json!({"correlationId": CORRELATION, "error": error}), json!({"error": error})] {
            let failed = clock_out(says(answer)).await.unwrap_err();
            assert!(matches!(failed, CallError::ErrorField { .. }), "{failed:?}");
            assert_eq!(failed.outcome(), Outcome::Final);
            assert_eq!(failed.to_string(), format!("refused the call: {words}"));
        }
    }
    let quoting = json!({"error": format!("{LOGIN} may not")});
    assert_eq!(clock_out(says(quoting)).await.unwrap_err().to_string(), "refused the call: *** may not");
}

#[tokio::test]
async fn an_acceptance_without_a_correlation_id_is_an_unknown_outcome() {
    for answer in [json!({}), json!({"correlationId": null}), json!({"correlationId": " "}), json!([])] {
        let failed = clock_in(says(answer.clone()), None).await.unwrap_err();
        assert!(matches!(failed, CallError::Malformed { .. }), "{answer}: {failed:?}");
        assert_eq!(failed.outcome(), Outcome::Unknown);
    }
}

#[tokio::test]
async fn a_silent_terminal_leaves_a_shift_unknown() {
    let failed = clock_in(refused(408, "Terminal does not answer"), None).await.unwrap_err();
    assert_eq!(failed.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn whether_a_shift_is_open_is_told() {
    assert!(is_open(json!({"isSessionOpened": true, "error": null})).await.unwrap());
    assert!(!is_open(json!({"isSessionOpened": false})).await.unwrap());
    let failed = is_open(json!({"isSessionOpened": null, "error": "No such employee"})).await.unwrap_err();
    assert_eq!(failed.to_string(), "refused the call: No such employee");
    for answer in [json!({"isSessionOpened": null}), json!({}), json!({"isSessionOpened": "yes"})] {
        assert!(matches!(is_open(answer).await, Err(CallError::Malformed { .. })));
    }
}

#[tokio::test]
async fn the_terminal_groups_of_open_shifts_are_told() {
    let of = async |answer| {
        let world = expecting(BY_COURIER_PATH, json!({"employeeId": DRIVER}), says(answer)).await;
        world.client.terminal_groups_of(&world.login, &DRIVER.parse().unwrap()).await
    };
    let groups = of(json!({"terminalGroupIds": [GROUP, ROLE]})).await.unwrap();
    assert_eq!(groups, [GROUP.parse().unwrap(), ROLE.parse().unwrap()]);
    assert_eq!(of(json!({"terminalGroupIds": []})).await.unwrap(), []);
    for answer in [json!({}), json!({"terminalGroupIds": ["kitchen"]})] {
        assert!(matches!(of(answer).await, Err(CallError::Malformed { .. })));
    }
}

#[tokio::test]
async fn the_terminal_groups_of_a_restaurant_are_its_own() {
    let question = json!({"organizationIds": [ORGANIZATION], "includeDisabled": false});
    let of = async |answer| {
        let world = expecting("/api/1/terminal_groups", question.clone(), says(answer)).await;
        let answer = world.client.terminal_groups(&world.login, &organization()).await;
        assert_eq!(world.store.1.passed(), [("dictionaries", Rate::per_minute(1))]);
        answer
    };
    let at = |organization: &str, group: &str| json!({"organizationId": organization, "items": [{"id": group, "name": "Kitchen", "timeZone": "?"}]});
    let answer = json!({
        "terminalGroups": [at(ORGANIZATION, GROUP), at(DRIVER, DRIVER)],
        "terminalGroupsInSleep": [at(ORGANIZATION, ROLE)],
    });
    assert_eq!(of(answer).await.unwrap(), [GROUP.parse().unwrap(), ROLE.parse().unwrap()]);
    assert_eq!(of(json!({"terminalGroups": []})).await.unwrap(), []);
    assert!(matches!(of(json!({})).await, Err(CallError::Malformed { .. })));
}

#[tokio::test]
async fn a_driver_whom_only_a_fleet_knows_is_not_asked_about() {
    let world = World::new().await;
    let driver = "captain:7183bb9f1a65".parse().unwrap();
    let group = GROUP.parse().unwrap();
    let (login, client) = (&world.login, &world.client);
    let failures = [
        client.clock_in(login, &organization(), &group, &driver, None, None).await.unwrap_err(),
        client.clock_out(login, &organization(), &group, &driver, None).await.unwrap_err(),
        client.shift_is_open(login, &organization(), &group, &driver).await.unwrap_err(),
        client.terminal_groups_of(login, &driver).await.unwrap_err(),
    ];
    assert!(failures.iter().all(|error| matches!(error, CallError::Unsendable { .. })), "{failures:?}");
    assert_eq!(world.store.1.passed(), []);
}
