//! What people and networks do to a table, and what must still hold.

mod edges;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::memory::{Fault, Memory};
use super::{Body, ColumnSpec, Duplicate, Report, Row, TabSpec, Tables};
use crate::pace::Paced;
use crate::sheets::{Cell, SheetsError};

const ORDERS: TabSpec = TabSpec {
    title: "訂單",
    columns: &[
        ColumnSpec::ours("no", "訂單編號"),
        ColumnSpec::ours("status", "狀態"),
        ColumnSpec::theirs("memo", "備註"),
        ColumnSpec::ours("amount", "金額"),
    ],
    key: "no",
    body: Body::Protected,
    note: "由系統寫入",
};

const PRODUCTS: TabSpec = TabSpec {
    title: "商品",
    columns: &[
        ColumnSpec::theirs("id", "代號"),
        ColumnSpec::theirs("price", "價格"),
    ],
    key: "id",
    body: Body::Warned,
    note: "請依標題填寫",
};

fn order(key: &str, status: &str, amount: i64) -> Row {
    Row {
        key: key.to_owned(),
        cells: vec![("status", status.into()), ("amount", amount.into())],
    }
}

async fn shop() -> Tables<Memory> {
    let memory = Memory::default();
    memory.add_tab("工作表1", 10, 5);
    let tables = Tables::new(memory);
    tables.ensure_tabs(&[ORDERS, PRODUCTS]).await.unwrap();
    tables
}

fn seen(tables: &Tables<Memory>) -> Vec<String> {
    tables
        .grid()
        .seen("訂單")
        .iter()
        .skip(1)
        .map(|row| row.join("|"))
        .collect()
}

fn refused(error: SheetsError) -> String {
    let SheetsError::Refused { reason, .. } = error else {
        panic!("{error:?}")
    };
    reason
}

#[tokio::test]
async fn tabs_are_made_once_with_header_freeze_and_protection() {
    let tables = shop().await;
    let tabs = tables.grid().tabs();
    assert_eq!(
        tabs.iter().map(|t| t.title.as_str()).collect::<Vec<_>>(),
        ["工作表1", "訂單", "商品"]
    );
    assert!(tabs[0].protected.is_empty(), "another tab was touched");
    assert_eq!(tabs[1].frozen_rows, 1);
    // Header, and two runs of our columns around the one that is people's.
    assert_eq!(
        tabs[1]
            .protected
            .iter()
            .map(|p| p.warning_only)
            .collect::<Vec<_>>(),
        [false; 3]
    );
    assert_eq!(
        tabs[2]
            .protected
            .iter()
            .map(|p| p.warning_only)
            .collect::<Vec<_>>(),
        [false, true]
    );
    assert_eq!(
        tables.grid().seen("訂單"),
        [["訂單編號", "狀態", "備註", "金額"]]
    );

    let writes = tables.grid().writes();
    let again = tables.ensure_tabs(&[ORDERS, PRODUCTS]).await.unwrap();
    assert_eq!(again, super::Ensured::default());
    assert_eq!(
        tables.grid().writes(),
        writes,
        "the second time there is nothing to do"
    );
}

#[tokio::test]
async fn making_tabs_survives_every_lost_answer() {
    for lost in 0..3 {
        let memory = Memory::default();
        for _ in 0..lost {
            memory.fail_write(Fault::Before(SheetsError::Unreachable("no".into())));
        }
        memory.fail_write(Fault::After);
        let tables = Tables::new(memory);
        let mut tries = 0;
        while tables.ensure_tabs(&[ORDERS]).await.is_err() {
            tries += 1;
            assert!(tries < 10);
        }
        assert_eq!(tables.grid().tabs().len(), 1);
        assert_eq!(tables.grid().tabs()[0].protected.len(), 3);
        assert_eq!(tables.grid().seen("訂單").len(), 1);
    }
}

#[tokio::test]
async fn a_header_is_written_only_into_an_empty_tab() {
    let memory = Memory::default();
    memory.add_tab("訂單", 5, 2);
    let tables = Tables::new(memory);
    let done = tables.ensure_tabs(&[ORDERS]).await.unwrap();
    assert_eq!(done.headed, ["訂單"]);
    assert_eq!(tables.grid().tabs()[0].columns, 4, "a narrow tab grows");

    tables
        .upsert(&ORDERS, &[order("A1", "pending", 100)])
        .await
        .unwrap();
    tables
        .grid()
        .edit("訂單", |cells| cells[0].fill(Cell::Empty));
    let before = tables.grid().seen("訂單");
    let done = tables.ensure_tabs(&[ORDERS]).await.unwrap();
    assert_eq!(refused(done.faults[0].error.clone()), "header_blank");
    assert_eq!(
        refused(
            tables
                .upsert(&ORDERS, &[order("A2", "paid", 1)])
                .await
                .unwrap_err()
        ),
        "header_missing"
    );
    assert_eq!(tables.grid().seen("訂單"), before);
}

#[tokio::test]
async fn rows_are_updated_by_key_and_new_ones_follow_in_order() {
    let tables = shop().await;
    let report = tables
        .upsert(
            &ORDERS,
            &[order("B", "pending", 2), order("A", "pending", 1)],
        )
        .await
        .unwrap();
    assert_eq!((report.inserted, report.updated), (2, 0));
    tables
        .grid()
        .edit("訂單", |cells| cells[1][2] = "老闆的備註".into());
    let rows = [
        order("B", "paid", 2),
        order("C", "pending", 3),
        order("C", "paid", 3),
    ];
    let report = tables.upsert(&ORDERS, &rows).await.unwrap();
    assert_eq!((report.inserted, report.updated), (1, 1));
    assert_eq!(
        seen(&tables),
        ["B|paid|老闆的備註|2", "A|pending||1", "C|paid||3"]
    );
}

#[tokio::test]
async fn columns_that_are_not_named_keep_what_they_have() {
    let tables = shop().await;
    tables
        .upsert(&ORDERS, &[order("A", "pending", 1)])
        .await
        .unwrap();
    let only_status = Row {
        key: "A".into(),
        cells: vec![("status", "paid".into())],
    };
    tables.upsert(&ORDERS, &[only_status]).await.unwrap();
    assert_eq!(seen(&tables), ["A|paid||1"]);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_row() {
    let tables = shop().await;
    let rows = [order("A", "paid", 1), order("B", "paid", 2)];
    tables.grid().fail_write(Fault::After);
    assert!(matches!(
        tables.upsert(&ORDERS, &rows).await,
        Err(SheetsError::Ambiguous(_))
    ));
    let report = tables.upsert(&ORDERS, &rows).await.unwrap();
    assert_eq!((report.inserted, report.updated), (0, 2));
    assert_eq!(seen(&tables), ["A|paid||1", "B|paid||2"]);
}

#[tokio::test]
async fn a_full_grid_grows_even_when_that_answer_is_lost() {
    let tables = shop().await;
    tables.grid().edit("訂單", |cells| cells.truncate(2));
    let rows: Vec<Row> = (0..5).map(|n| order(&format!("N{n}"), "paid", n)).collect();
    tables.grid().fail_write(Fault::After);
    assert!(tables.upsert(&ORDERS, &rows).await.is_err());
    tables.upsert(&ORDERS, &rows).await.unwrap();
    assert_eq!(seen(&tables).len(), 5);
    assert_eq!(tables.grid().seen("訂單")[5][0], "N4");
}

#[tokio::test]
async fn many_rows_go_in_several_requests_and_arrive_in_order() {
    let tables = shop().await;
    let rows: Vec<Row> = (0..1200)
        .map(|n| order(&format!("N{n:04}"), "paid", n))
        .collect();
    let before = tables.grid().writes();
    // The grid grows, the first part arrives, and the answer to the second is lost.
    for fault in [Fault::Pass, Fault::Pass, Fault::After] {
        tables.grid().fail_write(fault);
    }
    assert!(tables.upsert(&ORDERS, &rows).await.is_err());
    let report = tables.upsert(&ORDERS, &rows).await.unwrap();
    assert!(report.updated > 0 && report.inserted > 0 && report.updated + report.inserted == 1200);
    assert!(tables.grid().writes() - before >= 6);
    let keys: Vec<String> = tables
        .keys(&ORDERS)
        .await
        .unwrap()
        .into_iter()
        .map(|(_, key)| key)
        .collect();
    assert!(keys.is_sorted() && keys.len() == 1200);
}

#[tokio::test]
async fn people_sort_and_move_columns() {
    let tables = shop().await;
    tables
        .upsert(
            &ORDERS,
            &[order("A", "pending", 1), order("B", "pending", 2)],
        )
        .await
        .unwrap();
    tables.grid().edit("訂單", |cells| {
        cells.swap(1, 2);
        for row in cells.iter_mut() {
            row.insert(0, Cell::Empty);
            row.swap(1, 4);
        }
        cells[0][0] = "老闆自己的欄".into();
    });
    tables
        .upsert(&ORDERS, &[order("A", "paid", 1), order("C", "paid", 3)])
        .await
        .unwrap();
    assert_eq!(
        tables.grid().seen("訂單")[0],
        ["老闆自己的欄", "金額", "狀態", "備註", "訂單編號"]
    );
    assert_eq!(seen(&tables), ["|2|pending||B", "|1|paid||A", "|3|paid||C"]);
}

#[tokio::test]
async fn a_missing_or_doubled_header_stops_every_write() {
    let tables = shop().await;
    tables
        .upsert(&ORDERS, &[order("A", "pending", 1)])
        .await
        .unwrap();
    let writes = tables.grid().writes();
    for (title, reason) in [("單號", "header_missing"), ("狀態", "header_twice")] {
        tables
            .grid()
            .edit("訂單", |cells| cells[0][3] = title.into());
        if reason == "header_twice" {
            tables.grid().edit("訂單", |cells| {
                for row in cells.iter_mut() {
                    row.push(Cell::Empty);
                }
                cells[0][4] = "金額".into();
            });
        }
        assert_eq!(
            refused(
                tables
                    .upsert(&ORDERS, &[order("A", "paid", 1)])
                    .await
                    .unwrap_err()
            ),
            reason
        );
    }
    assert_eq!(tables.grid().writes(), writes);
    assert_eq!(seen(&tables), ["A|pending||1"]);
}

#[tokio::test]
async fn nothing_is_written_after_a_failed_read() {
    let tables = shop().await;
    tables
        .upsert(&ORDERS, &[order("A", "pending", 1)])
        .await
        .unwrap();
    let writes = tables.grid().writes();
    tables.grid().fail_read(SheetsError::Retry {
        after: Duration::from_secs(9),
        reason: "quota".into(),
    });
    assert!(
        tables
            .upsert(&ORDERS, &[order("A", "paid", 1)])
            .await
            .unwrap_err()
            .is_temporary()
    );
    assert_eq!(tables.grid().writes(), writes);
}

#[tokio::test]
async fn duplicates_and_other_peoples_rows_are_reported_and_left_alone() {
    let tables = shop().await;
    tables
        .upsert(&ORDERS, &[order("A", "pending", 1)])
        .await
        .unwrap();
    tables.grid().edit("訂單", |cells| {
        cells[2][1] = "沒有編號".into();
        cells[3] = vec!["A".into(), "paid".into(), Cell::Empty, 9.into()];
        cells[5][2] = "下面的筆記".into();
    });
    let report = tables
        .upsert(&ORDERS, &[order("A", "paid", 1), order("B", "paid", 2)])
        .await
        .unwrap();
    assert_eq!(
        report.duplicates,
        [Duplicate {
            key: "A".into(),
            rows: vec![2, 4]
        }]
    );
    assert_eq!(report.foreign_rows, [3, 6]);
    assert_eq!(
        seen(&tables),
        [
            "A|paid||1",
            "|沒有編號",
            "A|paid||9",
            "",
            "||下面的筆記",
            "B|paid||2"
        ]
    );
}

#[tokio::test]
async fn a_row_that_people_removed_is_missed_once() {
    let tables = shop().await;
    tables
        .upsert(&ORDERS, &[order("A", "paid", 1), order("B", "paid", 2)])
        .await
        .unwrap();
    tables.grid().edit("訂單", |cells| drop(cells.remove(1)));
    let report = tables
        .upsert(&ORDERS, &[order("C", "paid", 3)])
        .await
        .unwrap();
    assert_eq!(report.vanished, ["A"]);
    assert_eq!(
        tables
            .upsert(&ORDERS, &[order("A", "paid", 1)])
            .await
            .unwrap()
            .vanished,
        [""; 0]
    );
    assert_eq!(seen(&tables), ["B|paid||2", "C|paid||3", "A|paid||1"]);
}

#[tokio::test]
async fn a_key_that_became_a_number_is_still_found() {
    let tables = shop().await;
    tables
        .upsert(&ORDERS, &[order("7", "pending", 1)])
        .await
        .unwrap();
    tables
        .grid()
        .edit("訂單", |cells| cells[1][0] = Cell::Integer(7));
    assert_eq!(
        tables
            .upsert(&ORDERS, &[order("7", "paid", 1)])
            .await
            .unwrap()
            .updated,
        1
    );
    assert_eq!(seen(&tables), ["7|paid||1"]);
}
