//! Tables of people's own, rows that are refused, and the pace.

use super::*;

#[tokio::test]
async fn a_table_of_peoples_own_is_filled_once_and_never_written_again() {
    let tables = shop().await;
    let rows = [Row {
        key: "P1".into(),
        cells: vec![("price", 120.into())],
    }];
    assert_eq!(
        refused(tables.upsert(&PRODUCTS, &rows).await.unwrap_err()),
        "key_column"
    );
    assert_eq!(
        tables
            .fill_if_empty(&PRODUCTS, &rows)
            .await
            .unwrap()
            .inserted,
        1
    );
    tables
        .grid()
        .edit("商品", |cells| cells[1][1] = "一百二".into());
    assert_eq!(
        tables.fill_if_empty(&PRODUCTS, &rows).await.unwrap(),
        Report::default()
    );

    let table = tables.read_table(&PRODUCTS).await.unwrap();
    assert_eq!(table.header, ["代號", "價格"]);
    assert_eq!((table.rows.len(), table.rows[0].row_number), (1, 2));
    assert_eq!(table.rows[0].text("price"), "一百二");
    assert_eq!(table.rows[0].cell("nothing"), &Cell::Empty);
}

#[tokio::test]
async fn rows_that_cannot_be_ours_are_refused_before_anything_is_asked() {
    let tables = shop().await;
    let writes = tables.grid().writes();
    let memo = Row {
        key: "A".into(),
        cells: vec![("memo", "x".into())],
    };
    assert_eq!(
        refused(tables.upsert(&ORDERS, &[memo]).await.unwrap_err()),
        "column"
    );
    assert_eq!(
        refused(
            tables
                .upsert(&ORDERS, &[order("  ", "paid", 1)])
                .await
                .unwrap_err()
        ),
        "key_blank"
    );
    assert_eq!(tables.grid().writes(), writes);
}

#[tokio::test]
async fn text_too_long_for_a_cell_is_cut_and_reported() {
    let tables = shop().await;
    let row = Row {
        key: "A".into(),
        cells: vec![("status", "長".repeat(60_000).into())],
    };
    assert_eq!(tables.upsert(&ORDERS, &[row]).await.unwrap().cut, ["A"]);
}

#[tokio::test]
async fn a_paced_table_keeps_its_writes_a_second_apart() {
    let memory = Memory::default();
    memory.add_tab("訂單", 5, 4);
    memory.fail_write(Fault::Pass);
    let started = Instant::now();
    let tables = Tables::new(Paced::new(memory, Arc::new(Timestamp::now)));
    // Header, then protection: two writes.
    tables.ensure_tabs(&[ORDERS]).await.unwrap();
    assert!(
        started.elapsed() >= Duration::from_millis(990),
        "{:?}",
        started.elapsed()
    );
}
