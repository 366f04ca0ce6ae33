//! Sins against the ledger.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use guest_contract::{StreamWriter, clock, exporter, links, spawn_local};

/// Megabytes of rows at once, many times over.
pub async fn hammer(events: &mut StreamWriter<exporter::Event>) {
    const CALLS: usize = 100;
    let answers: Rc<RefCell<BTreeMap<&str, usize>>> = Rc::default();
    for call in 0..CALLS {
        let answers = Rc::clone(&answers);
        spawn_local(async move {
            let rows = (0..1_000).map(|row| write(&format!("{call}-{row}"), 3_000)).collect();
            let answer = match links::put_many(rows).await {
                Ok(_) => "stored",
                Err(links::LedgerError::TooLarge(_)) => "too large",
                Err(_) => "failed",
            };
            *answers.borrow_mut().entry(answer).or_default() += 1;
        });
    }
    while answers.borrow().values().sum::<usize>() < CALLS {
        clock::sleep(1).await;
    }
    say(events, format!("{:?}", answers.borrow())).await;
}

/// One row too many, one row too large, and rows until there is no room.
pub async fn fill(events: &mut StreamWriter<exporter::Event>) {
    let many: Vec<links::Write> = (0..1_001).map(|row| write(&row.to_string(), 1)).collect();
    let is_refused = |answer: &Result<Vec<links::PutOutcome>, links::LedgerError>| {
        matches!(answer, Err(links::LedgerError::TooLarge(_)))
    };
    say(events, format!("many {}", is_refused(&links::put_many(many).await))).await;
    say(events, format!("large {}", is_refused(&links::put_many(vec![write("1", 5_000)]).await))).await;
    let keys = vec![key("10000", "1"); 1_001];
    say(events, format!("keys {}", links::get_many(keys).await.is_err())).await;
    let scanned = links::scan("test-case".into(), "10000".into(), None, u32::MAX).await;
    say(events, format!("scan {}", scanned.is_err())).await;
    for row in 0_u32.. {
        if is_refused(&links::put_many(vec![write(&format!("row-{row}"), 1)]).await) {
            say(events, format!("rows {row}")).await;
            break;
        }
    }
}

/// Keys that would mean another tenant's row if anybody pasted them together.
pub async fn pry(events: &mut StreamWriter<exporter::Event>) {
    let spellings = ["1", "neighbour", "../neighbour", "neighbour/1", "' OR '1'='1", "%", "*", "\0", "10000\0", "", "neighbour\u{1f}1"];
    let mut found = 0;
    for destination in spellings.iter().chain(&["10000"]) {
        let keys = spellings.iter().map(|id| key(destination, id)).collect();
        let rows = links::get_many(keys).await.unwrap_or_default();
        found += rows.iter().flatten().count();
        found += links::scan("test-case".into(), (*destination).to_owned(), None, 1_000).await.unwrap_or_default().len();
    }
    say(events, format!("found {found}")).await;
}

fn key(destination: &str, id: &str) -> links::Key {
    links::Key { entity: "test-case".into(), destination: destination.into(), id: id.into() }
}

fn write(id: &str, size: usize) -> links::Write {
    let link = links::Link {
        key: key("10000", id),
        phase: links::Phase::Idle,
        issue_id: None,
        issue_key: None,
        fingerprint: String::new(),
        stamp: String::new(),
        attempt: 0,
        token: None,
        created_by: None,
        updated_at: 0,
        detail: "x".repeat(size),
    };
    links::Write { link, expected: 0 }
}

async fn say(events: &mut StreamWriter<exporter::Event>, said: String) {
    events.write_all(vec![exporter::Event::Note(said)]).await;
}
