//! Many tasks of many processes at one line: never more than ten calls open, one about one thing, and no end forgotten.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use courier_cloud::table::Table;
use courier_domain::ports::Lines;
use courier_domain::subscription::{MOST_IN_FLIGHT, Place};
use futures::future::join_all;

use crate::common::*;

const TASKS: usize = 50;
const CALLS: usize = 3;

/// What is open, counted by the callers themselves.
#[derive(Default)]
struct Open {
    by_subject: BTreeMap<String, usize>,
    most: usize,
    calls: usize,
}

impl Open {
    fn begin(&mut self, subject: &str) {
        *self.by_subject.entry(subject.to_owned()).or_default() += 1;
        self.calls += 1;
        self.most = self.most.max(self.by_subject.values().sum());
        assert_eq!(self.by_subject[subject], 1, "two calls about {subject}");
    }

    fn end(&mut self, subject: &str) {
        *self.by_subject.get_mut(subject).unwrap() -= 1;
    }
}

async fn calls(table: Table, task: usize, open: Arc<Mutex<Open>>) {
    // Two tasks share each subject.
    let subject = format!("order:{}", task / 2);
    for _ in 0..CALLS {
        while !matches!(
            table.take_place(&demo(), line_id(1), &subject, false, at(0)).await.unwrap(),
            Place::Taken { .. }
        ) {
            tokio::task::yield_now().await;
        }
        open.lock().unwrap().begin(&subject);
        // The call lasts as long as some requests.
        for _ in 0..3 {
            let line = table.line(&demo(), line_id(1)).await.unwrap();
            assert!(line.open.len() <= MOST_IN_FLIGHT && line.open.contains_key(&subject));
        }
        open.lock().unwrap().end(&subject);
        table.leave_place(&demo(), line_id(1), &subject, SUCCESS, at(0)).await.unwrap();
    }
}

/// Fifty tasks of so many processes make their calls.
async fn crowd(store: &Store, processes: &[Table]) {
    let open = Arc::new(Mutex::new(Open::default()));
    let tasks = (0..TASKS).map(|task| {
        let table = processes[task % processes.len()].clone();
        tokio::spawn(calls(table, task, open.clone()))
    });
    join_all(tasks).await.into_iter().for_each(Result::unwrap);
    assert!(store.table.line(&demo(), line_id(1)).await.unwrap().open.is_empty());
    let open = open.lock().unwrap();
    assert_eq!(open.calls, TASKS * CALLS);
    assert!((2..=MOST_IN_FLIGHT).contains(&open.most), "{}", open.most);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tasks_of_one_process_never_have_more_than_ten_calls_open() {
    let store = Store::new().await;
    crowd(&store, std::slice::from_ref(&store.table)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tasks_of_five_processes_never_have_more_than_ten_calls_open() {
    let store = Store::new().await;
    let processes: Vec<_> = (0..5).map(|_| store.elsewhere()).collect();
    crowd(&store, &processes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_one_process_take_turns_and_never_meet() {
    let store = Store::new().await;
    store.table.take_place(&demo(), line_id(1), "order:first", false, at(0)).await.unwrap();
    store.requests.take();
    let tasks = (0..9).map(|n| {
        let table = store.table.clone();
        tokio::spawn(async move {
            table.take_place(&demo(), line_id(1), &format!("order:{n}"), false, at(0)).await
        })
    });
    let places = join_all(tasks).await.into_iter().map(|place| place.unwrap().unwrap());
    assert!(places.into_iter().all(|place| place == Place::Taken { until: at(25) }));
    assert_eq!(store.requests.take(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_ten_calls_that_fail_together_every_one_is_counted() {
    for _ in 0..5 {
        let store = Store::new().await;
        let processes: Vec<_> = (0..MOST_IN_FLIGHT).map(|_| store.elsewhere()).collect();
        for (n, table) in processes.iter().enumerate() {
            table.take_place(&demo(), line_id(1), &format!("order:{n}"), false, at(0)).await.unwrap();
        }
        let ends = processes.into_iter().enumerate().map(|(n, table)| {
            let subject = format!("order:{n}");
            tokio::spawn(async move {
                table.leave_place(&demo(), line_id(1), &subject, FAILURE, at(0)).await.unwrap()
            })
        });
        join_all(ends).await.into_iter().for_each(|end| assert!(end.unwrap().failures > 0));
        let line = store.table.line(&demo(), line_id(1)).await.unwrap();
        assert_eq!((line.open.len(), usize::try_from(line.failures).unwrap()), (0, MOST_IN_FLIGHT));
    }
}
