//! Lists: the organizations of a login, and the couriers of organizations.

use courier_domain::driver::Courier;
use courier_domain::ids::DriverId;
use wiremock::matchers::body_json;

use super::*;
use crate::syrve::{CourierList, Outcome};
use crate::testing::hangs_up_after;

const ORGANIZATIONS_PATH: &str = "/api/1/organizations";
const COURIERS_PATH: &str = "/api/1/employees/couriers";
const OTHER: &str = "7bc05553-4b68-44e8-b7bc-37be63c6d9ea";

type Couriers = Vec<(OrganizationId, CourierList)>;

async fn with_token() -> World {
    let world = World::new().await;
    world.store.put("token-1", world.clock.now());
    world
}

async fn organizations(answer: &str) -> Result<Vec<OrganizationId>, CallError> {
    let world = with_token().await;
    let question = json!({"organizationIds": null, "returnAdditionalInfo": false, "includeDisabled": false});
    post(ORGANIZATIONS_PATH)
        .and(body_json(question))
        .respond_with(ResponseTemplate::new(200).set_body_string(answer))
        .mount(&world.server)
        .await;
    let answer = world.client.organizations(&world.login).await;
    assert_eq!(world.store.1.passed(), [("dictionaries", Rate::per_minute(1))]);
    answer
}

async fn couriers(answer: ResponseTemplate) -> Result<Couriers, CallError> {
    let world = with_token().await;
    post(COURIERS_PATH)
        .and(body_json(json!({"organizationIds": [ORGANIZATION, OTHER]})))
        .respond_with(answer)
        .mount(&world.server)
        .await;
    let answer = world.client.couriers(&world.login, &[organization(), OTHER.parse().unwrap()]).await;
    assert_eq!(world.store.1.passed(), [("drivers", Rate::per_minute(1))]);
    answer
}

async fn listed(employees: Value) -> Result<Couriers, CallError> {
    let answer = json!({"correlationId": CORRELATION, "employees": employees});
    couriers(ResponseTemplate::new(200).set_body_json(answer)).await
}

fn employee(number: usize) -> Value {
    json!({"id": id(number), "firstName": "Bob", "middleName": null, "lastName": format!("Lee {number}"),
        "displayName": format!("Bob Lee {number}"), "code": "17", "isDeleted": false})
}

fn id(number: usize) -> String {
    format!("ffc60000-0000-4000-8000-{number:012}")
}

fn bob(number: usize) -> (DriverId, Courier) {
    let courier = Courier { name: Some(format!("Bob Lee {number}")), active: true };
    (id(number).parse().unwrap(), courier)
}

#[tokio::test]
async fn the_organizations_of_a_login_are_told() {
    let answer = format!(
        r#"{{"organizations":[{{"responseType":"Simple","id":"{ORGANIZATION}","name":null}},{{"id":"{OTHER}"}}]}}"#
    );
    assert_eq!(organizations(&answer).await.unwrap(), [organization(), OTHER.parse().unwrap()]);
    assert_eq!(organizations(r#"{"organizations":[]}"#).await.unwrap(), []);
    let odd = format!(r#"{{"organizations":[{{"id":"demo"}},{{"id":"{ORGANIZATION}"}}]}}"#);
    assert_eq!(organizations(&odd).await.unwrap(), [organization()]);
    for answer in ["", "{}", "<html>", r#"{"organizations":[{"id":null}]}"#] {
        let error = organizations(answer).await.unwrap_err();
        assert!(matches!(error, CallError::Malformed { .. }), "{answer}: {error:?}");
    }
}

#[tokio::test]
async fn couriers_are_told_as_they_are_listed() {
    let mut gone = employee(2);
    gone["isDeleted"] = true.into();
    let system = json!({"id": id(99), "displayName": "iikoTransport"});
    let list = json!([
        {"organizationId": ORGANIZATION, "items": [employee(1), system, gone, employee(1)]},
        {"organizationId": ORGANIZATION, "items": [employee(3)]},
    ]);
    let told = listed(list).await.unwrap();
    let mut left = bob(2);
    left.1.active = false;
    assert_eq!(
        told,
        [(organization(), vec![bob(1), left, bob(1)].into()), (organization(), vec![bob(3)].into())]
    );
}

#[tokio::test]
async fn an_organization_without_couriers_is_not_one_that_is_not_listed() {
    let told = listed(json!([{"organizationId": OTHER, "items": []}])).await.unwrap();
    assert_eq!(told, [(OTHER.parse().unwrap(), CourierList::default())]);
    assert_eq!(listed(json!([])).await.unwrap(), []);
}

#[tokio::test]
async fn a_list_that_is_none_is_not_taken_in_part() {
    for employees in [
        json!(null),
        json!([{"organizationId": ORGANIZATION}]),
        json!([{"organizationId": ORGANIZATION, "items": null}]),
        json!([{"organizationId": "demo", "items": []}]),
        json!([{"organizationId": ORGANIZATION, "items": [employee(1)]}, {"items": [{"displayName": "Ann"}]}]),
    ] {
        let error = listed(employees.clone()).await.unwrap_err();
        assert!(matches!(error, CallError::Malformed { .. }), "{employees}: {error:?}");
        assert!(!format!("{error} {error:?}").contains("Ann"));
    }
}

#[tokio::test]
async fn an_entry_that_is_no_employee_costs_nobody_else_anything() {
    let odd = json!({"id": "17", "displayName": "Ann"});
    let told = listed(json!([
        {"organizationId": ORGANIZATION, "items": [odd, employee(1), odd]},
        {"organizationId": OTHER, "items": [employee(2)]},
    ]));
    let one = CourierList { couriers: vec![bob(1)], unreadable: 2 };
    assert_eq!(told.await.unwrap(), [(organization(), one), (OTHER.parse().unwrap(), vec![bob(2)].into())]);
}

#[tokio::test]
async fn ten_thousand_couriers_of_fifty_organizations_come_in_one_answer() {
    let organization = |n: usize| format!("7bc05553-4b68-44e8-b7bc-{n:012}");
    let list: Vec<_> = (0..50)
        .map(|n| {
            let items: Vec<_> = (0..200).map(|m| employee(n * 200 + m)).collect();
            json!({"organizationId": organization(n), "items": items})
        })
        .collect();
    let told = listed(json!(list)).await.unwrap();
    assert_eq!(told.len(), 50);
    for (n, (id, couriers)) in told.iter().enumerate() {
        assert_eq!(id.to_string(), organization(n));
        let couriers = &couriers.couriers;
        assert_eq!((couriers.len(), couriers.last()), (200, Some(&bob(n * 200 + 199))));
    }
}

#[tokio::test]
async fn a_list_of_up_to_32_mib_is_read() {
    let padded = |size: usize| {
        let mut body = br#"{"employees":[]}"#.to_vec();
        body.resize(size, b' ');
        ResponseTemplate::new(200).set_body_bytes(body)
    };
    assert_eq!(couriers(padded(32 << 20)).await.unwrap(), []);
    let error = couriers(padded((32 << 20) + 1)).await.unwrap_err();
    assert!(matches!(error, CallError::Malformed { what: "it is larger than 32 MiB" }), "{error:?}");
}

#[tokio::test]
async fn a_list_that_is_cut_off_half_way_is_not_taken() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"employees\":[{\"organizationId\":";
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n{\"employees\":[]}\r\n";
    for answer in [cut, chunked] {
        let mut world = with_token().await;
        world.login.base_url = hangs_up_after(answer);
        let error = world.client.couriers(&world.login, &[organization()]).await.unwrap_err();
        assert!(matches!(error, CallError::NoAnswer(_)), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(world.store.1.told(), ["drivers Fails { after: None }"]);
    }
}

#[tokio::test]
async fn a_list_that_may_not_be_asked_for_says_why() {
    let text = "Right api/1/employees/couriers is not allowed for this ApiLogin.";
    let error = couriers(refused(401, text)).await.unwrap_err();
    assert!(matches!(&error, CallError::Forbidden { words } if words.as_str() == text), "{error:?}");
    let limited = couriers(refused(429, "Too many requests").insert_header("retry-after", "60")).await;
    assert_eq!(limited.unwrap_err().outcome(), Outcome::Retry { after: Some(Duration::from_mins(1)) });
}
