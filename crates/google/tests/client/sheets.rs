//! The Sheets client, against a spreadsheet that loses answers and refuses on demand.

use std::time::Duration;

use google::sheets::{A1, Cell, Request, Sheets, SheetsError, SpreadsheetId};
use google::tables::{Body, ColumnSpec, Grid as _, Row, TabSpec, Tables};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use url::Url;

use crate::account::desk;
use crate::spreadsheet::{Fault, Shared};

const T: TabSpec = TabSpec {
    title: "T",
    columns: &[
        ColumnSpec::ours("no", "訂單編號"),
        ColumnSpec::ours("name", "姓名"),
        ColumnSpec::ours("amount", "金額"),
    ],
    key: "no",
    body: Body::Protected,
    note: "",
};

fn column_a(google: &Shared) -> Vec<Value> {
    let google = google.lock().unwrap();
    google
        .cells
        .iter()
        .filter(|((row, column), _)| *row > 1 && *column == 1)
        .map(|(_, cell)| cell.clone())
        .collect()
}

fn rows() -> Vec<Row> {
    ["007", "008"]
        .map(|key| Row {
            key: key.to_owned(),
            cells: vec![
                ("name", Cell::customer_text("=IMPORTXML(1)")),
                ("amount", 120.into()),
            ],
        })
        .to_vec()
}

#[tokio::test]
async fn a_spreadsheet_is_read() {
    let desk = desk().await.with_header();
    let spreadsheet = desk.sheets.spreadsheet().await.unwrap();
    assert_eq!(spreadsheet.tabs.len(), 1, "a chart sheet has no grid");
    let tab = &spreadsheet.tabs[0];
    assert_eq!(
        (tab.sheet_id, tab.rows, tab.columns, tab.frozen_rows),
        (5, 100, 26, 1)
    );
    assert_eq!(tab.protected[0].description, "d");

    let ranges = desk
        .sheets
        .batch_get(&[A1::row("T", 1), A1::from_row("T", (0, 2), 2)])
        .await
        .unwrap();
    assert_eq!(
        ranges[0].rows,
        [["訂單編號".into(), "姓名".into(), "金額".into()]]
    );
    assert!(ranges[1].rows.is_empty());
    let request = desk
        .google
        .lock()
        .unwrap()
        .requests
        .last()
        .unwrap()
        .0
        .clone();
    assert!(
        request.contains("valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=SERIAL_NUMBER"),
        "{request}"
    );
}

#[tokio::test]
async fn changes_have_googles_shapes() {
    let desk = desk().await;
    let protect = Request::Protect {
        sheet_id: 5,
        rows: (0, Some(1)),
        columns: (0, None),
        description: "d".into(),
        editor: Some("sa@p".into()),
    };
    desk.sheets
        .batch_update(&[
            Request::AppendRows {
                sheet_id: 5,
                count: 7,
            },
            protect,
        ])
        .await
        .unwrap();
    let body = desk
        .google
        .lock()
        .unwrap()
        .requests
        .last()
        .unwrap()
        .1
        .clone();
    assert_eq!(
        body,
        json!({"requests": [
            {"appendDimension": {"sheetId": 5, "dimension": "ROWS", "length": 7}},
            {"addProtectedRange": {"protectedRange": {
                "range": {"sheetId": 5, "startRowIndex": 0, "startColumnIndex": 0, "endRowIndex": 1},
                "description": "d", "warningOnly": false, "editors": {"users": ["sa@p"]},
            }}},
        ]})
    );
}

#[tokio::test]
async fn text_stays_text_and_formulas_stay_harmless() {
    let desk = desk().await.with_header();
    let google = desk.google.clone();
    let tables = Tables::new(desk.sheets);
    tables.upsert(&T, &rows()).await.unwrap();
    let cells = google.lock().unwrap().cells.clone();
    assert_eq!(cells[&(2, 1)], json!("007"));
    assert_eq!(cells[&(2, 2)], json!("'=IMPORTXML(1)"));
    assert_eq!(cells[&(2, 3)], json!(120));
}

#[tokio::test]
async fn applied_but_the_answer_lost_makes_no_second_row() {
    for fault in [
        Fault::DoneBut(503),
        Fault::DoneBut(500),
        Fault::DoneBut(502),
        Fault::DoneButGarbled,
    ] {
        let desk = desk().await.with_header();
        // Header and keys are read, then what is below them; the third request writes.
        for fault in [Fault::Pass, Fault::Pass, fault] {
            desk.fault(fault);
        }
        let tables = Tables::new(desk.sheets);
        let error = tables.upsert(&T, &rows()).await.unwrap_err();
        assert!(matches!(error, SheetsError::Ambiguous(_)), "{error:?}");
        let report = tables.upsert(&T, &rows()).await.unwrap();
        assert_eq!((report.inserted, report.updated), (0, 2));
        assert_eq!(column_a(&desk.google), [json!("007"), json!("008")]);
    }
}

#[tokio::test]
async fn refusals_and_quota_are_told_apart() {
    let desk = desk().await.with_header();
    desk.fault(Fault::RetryAfter(17));
    let error = desk.sheets.spreadsheet().await.unwrap_err();
    assert!(
        matches!(error, SheetsError::Retry { after, .. } if after == Duration::from_secs(17)),
        "{error:?}"
    );

    desk.fault(Fault::Answer(
        403,
        json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "無權限"}}),
    ));
    let error = desk.sheets.spreadsheet().await.unwrap_err();
    assert!(!error.is_temporary());
    assert!(
        error
            .to_string()
            .contains("share the spreadsheet with sa@p.iam.gserviceaccount.com"),
        "{error}"
    );
}

#[tokio::test]
async fn nobody_there_is_not_in_doubt() {
    let desk = desk().await;
    desk.sheets.spreadsheet().await.unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let id = SpreadsheetId::parse("SID").unwrap();
    let http = google::http_client().unwrap();
    let sheets = Sheets::new(Url::parse(&closed).unwrap(), id, desk.account, http);
    let error = sheets
        .batch_update(&[Request::AppendRows {
            sheet_id: 5,
            count: 1,
        }])
        .await
        .unwrap_err();
    assert!(matches!(error, SheetsError::Unreachable(_)), "{error:?}");
}

#[tokio::test]
async fn a_token_never_leaves_over_plain_http() {
    let desk = desk().await;
    let id = SpreadsheetId::parse("SID").unwrap();
    let http = google::http_client().unwrap();
    let base = Url::parse("http://sheets.example").unwrap();
    let error = Sheets::new(base, id, desk.account, http)
        .spreadsheet()
        .await
        .unwrap_err();
    assert!(
        !error.is_temporary() && error.to_string().contains("SHEETS_API_URL"),
        "{error}"
    );
    assert_eq!(desk.google.lock().unwrap().tokens_given, 0);
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_a_write_in_doubt_and_a_read_not() {
    let desk = desk().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            // Takes what came, and hangs up.
            let mut first = [0; 1024];
            let _taken = socket.read(&mut first).await;
        }
    });
    let id = SpreadsheetId::parse("SID").unwrap();
    let http = google::http_client().unwrap();
    let sheets = Sheets::new(Url::parse(&address).unwrap(), id, desk.account, http);
    let error = sheets
        .batch_update(&[Request::AppendRows {
            sheet_id: 5,
            count: 1,
        }])
        .await
        .unwrap_err();
    assert!(matches!(error, SheetsError::Ambiguous(_)), "{error:?}");
    let error = sheets.spreadsheet().await.unwrap_err();
    assert!(matches!(error, SheetsError::Unreachable(_)), "{error:?}");
}
