//! Requests whose answers were lost: the SDK repeats them, and what was written the first time counts as written. Whoever
//! was refused because somebody else wrote is refused still.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeDeserializationInterceptorContextMut;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use courier_cloud::table::Table;
use courier_domain::ports::{Lines, Notifications, Versioned};
use courier_domain::subscription::Place;

use crate::common::*;

/// Takes as many answers away as it holds: a gateway says that it had none.
#[derive(Debug, Clone, Default)]
struct Losing(Arc<AtomicUsize>);

impl Losing {
    fn next(&self) {
        self.0.store(1, Ordering::SeqCst);
    }
}

impl Intercept for Losing {
    fn name(&self) -> &'static str {
        "Losing"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let lost = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if lost.is_ok() {
            *context.response_mut().status_mut() = 502.try_into()?;
        }
        Ok(())
    }
}

struct Lossy {
    store: Store,
    table: Table,
    losing: Losing,
}

impl Lossy {
    async fn new() -> Self {
        let (store, losing) = (Store::new().await, Losing::default());
        let client = store.outside().config().to_builder().interceptor(losing.clone()).build();
        Self { table: Table::new(Client::from_conf(client), TABLE.into()), store, losing }
    }

    async fn take(&self, subject: &str) -> Place {
        self.table.take_place(&demo(), line_id(1), subject, false, at(0)).await.unwrap()
    }
}

#[tokio::test]
async fn a_notification_whose_answer_was_lost_is_written() {
    let lossy = Lossy::new().await;
    let mut value = notification(notice(1, None), 5);
    for version in 0..3 {
        value.begin(at(6 + i64::try_from(version).unwrap()), at(30));
        let written = Versioned { value: value.clone(), version };
        lossy.losing.next();
        assert!(lossy.table.write_notification(&written).await.unwrap(), "{version}");
        assert!(!lossy.table.write_notification(&written).await.unwrap(), "the same, but another time");
    }
    let stored = lossy.store.elsewhere().read_notifications(&[notice(1, None)]).await.unwrap();
    assert_eq!(stored, [Some(Versioned { value, version: 3 })]);
}

#[tokio::test]
async fn a_call_whose_end_got_no_answer_has_ended() {
    let lossy = Lossy::new().await;
    let mut value = notification(notice(1, None), 5);
    lossy.table.write_notification(&Versioned { value: value.clone(), version: 0 }).await.unwrap();
    let attempt = call(notice(1, None), 1, 6);
    value.end(&attempt, 7, at(8));
    let ended = Versioned { value, version: 1 };
    lossy.losing.next();
    assert!(lossy.table.end_notification(&ended, &attempt).await.unwrap());
    assert!(!lossy.table.end_notification(&ended, &attempt).await.unwrap());
}

#[tokio::test]
async fn a_failure_counts_once_though_its_answer_was_lost() {
    let lossy = Lossy::new().await;
    lossy.losing.next();
    assert_eq!(lossy.take("order:1").await, Place::Taken { until: at(25) });
    lossy.losing.next();
    let left = lossy.table.leave_place(&demo(), line_id(1), "order:1", FAILURE, at(1)).await.unwrap();
    assert_eq!((left.failures, left.open.len()), (1, 0));
    assert_eq!(lossy.store.elsewhere().line(&demo(), line_id(1)).await.unwrap(), left);
    assert_eq!(lossy.take("order:1").await, Place::Taken { until: at(25) }, "its version is known");
}

#[tokio::test]
async fn whoever_was_late_is_told_so_also_when_the_answer_was_lost() {
    let lossy = Lossy::new().await;
    let mut value = notification(notice(1, None), 5);
    let first = Versioned { value: value.clone(), version: 0 };
    assert!(lossy.store.elsewhere().write_notification(&first).await.unwrap());
    lossy.losing.next();
    assert!(!lossy.table.write_notification(&first).await.unwrap());
    value.stop(at(7));
    lossy.losing.next();
    assert!(!lossy.table.write_notification(&Versioned { value, version: 2 }).await.unwrap());
}
