//! What Sheets means by a batch: structure, protection, order, metadata.

use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::sheets::{RAW, batch, put};

#[tokio::test]
async fn a_batch_is_all_or_nothing() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    let rows = json!([{"values": [{"userEnteredValue": {"stringValue": "=x"}}, {"userEnteredValue": {"numberValue": 7}}]}]);
    let named = |id: &str, name: &str| json!({"addNamedRange": {"namedRange": {"namedRangeId": id, "name": name, "range": {"sheetId": 0}}}});
    let append = json!({"appendCells": {"sheetId": 0, "rows": rows, "fields": "userEnteredValue"}});
    let once = batch(
        &sandbox,
        &token,
        json!([named("order-1", "order_1"), append]),
    )
    .await;
    assert_eq!(once.body["replies"][1], json!({}));
    let twice = batch(
        &sandbox,
        &token,
        json!([append, named("order-1", "order_1b")]),
    )
    .await;
    assert_eq!(twice.status, 400);
    let message = twice.body["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("Invalid requests[1].addNamedRange: "),
        "{message}"
    );
    assert_eq!(
        sandbox.rows("工作表1").await,
        json!([["=x", 7]]),
        "the second append was undone; stringValue is literal"
    );
    let again = batch(
        &sandbox,
        &token,
        json!([{"addSheet": {"properties": {"sheetId": 0, "title": "again"}}}]),
    )
    .await;
    assert!(
        again.body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("already exists")
    );
    let data = json!({"valueInputOption": "RAW", "data": [{"range": "A5", "values": [[1]]}, {"range": "A1001", "values": [[2]]}]});
    let values = sandbox
        .sheets(&token, Method::POST, "/values:batchUpdate", Some(data))
        .await;
    assert!(
        values.body["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("Invalid data[1]: Range (")
    );
    assert_eq!(sandbox.rows("工作表1").await, json!([["=x", 7]]));
    for kind in ["protectedRangeId", "metadataId"] {
        let request = if kind == "metadataId" {
            json!({"createDeveloperMetadata": {"developerMetadata": {"metadataId": 5, "metadataKey": "k", "visibility": "DOCUMENT", "location": {"spreadsheet": true}}}})
        } else {
            json!({"addProtectedRange": {"protectedRange": {"protectedRangeId": 5, "range": {"sheetId": 0, "endRowIndex": 1}}}})
        };
        assert_eq!(
            batch(&sandbox, &token, json!([request])).await.status,
            200,
            "{kind}"
        );
        assert_eq!(
            batch(&sandbox, &token, json!([request])).await.status,
            400,
            "{kind}"
        );
    }
    assert_eq!(
        batch(&sandbox, &token, json!([{"noSuchThing": {}}]))
            .await
            .status,
        400
    );
    assert_eq!(batch(&sandbox, &token, json!([])).await.status, 400);
}

#[tokio::test]
async fn protected_headers_stay_shut_to_others_and_move_with_their_rows() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    let protect = json!({"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1}, "description": "標題"}}});
    let freeze = json!({"updateSheetProperties": {"properties": {"sheetId": 0, "gridProperties": {"frozenRowCount": 1}}, "fields": "gridProperties/frozenRowCount"}});
    let done = batch(&sandbox, &token, json!([protect, freeze])).await;
    let editors =
        &done.body["replies"][0]["addProtectedRange"]["protectedRange"]["editors"]["users"];
    assert!(
        editors
            .as_array()
            .unwrap()
            .contains(&json!(google_sim::SERVICE_ACCOUNT_EMAIL)),
        "who protects may edit"
    );
    assert_eq!(
        put(&sandbox, &token, "A1", RAW, json!([["id"]]))
            .await
            .status,
        200
    );
    let insert = json!({"insertDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 2}}});
    batch(&sandbox, &token, json!([insert])).await;
    let book = sandbox.sheets(&token, Method::GET, "", None).await.body;
    assert_eq!(
        book["sheets"][0]["protectedRanges"][0]["range"],
        json!({"sheetId": 0, "startRowIndex": 2, "endRowIndex": 3, "startColumnIndex": 0})
            .as_object()
            .map(|m| {
                let mut m = m.clone();
                m.remove("startColumnIndex");
                Value::Object(m)
            })
            .unwrap()
    );
    assert_eq!(sandbox.rows("工作表1").await, json!([[], [], ["id"]]));
    let stranger = json!({"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0}, "editors": {"users": ["nobody@x.example"]}}}});
    assert_eq!(batch(&sandbox, &token, json!([stranger])).await.status, 400);
}

#[tokio::test]
async fn rows_are_inserted_deleted_sorted_and_validated() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    put(
        &sandbox,
        &token,
        "A1",
        RAW,
        json!([["id", "n"], ["b", 2], ["c", 10], ["a", null], ["d", 1]]),
    )
    .await;
    let sort = json!({"sortRange": {"range": {"sheetId": 0, "startRowIndex": 1}, "sortSpecs": [{"dimensionIndex": 1, "sortOrder": "DESCENDING"}]}});
    batch(&sandbox, &token, json!([sort])).await;
    assert_eq!(
        sandbox.rows("工作表1").await,
        json!([["id", "n"], ["c", 10], ["b", 2], ["d", 1], ["a"]])
    );
    let delete = json!({"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 3}}});
    let range = json!({"deleteRange": {"range": {"sheetId": 0, "startRowIndex": 0, "endRowIndex": 1, "startColumnIndex": 1, "endColumnIndex": 2}, "shiftDimension": "ROWS"}});
    let rule = json!({"setDataValidation": {"range": {"sheetId": 0, "startColumnIndex": 2, "endColumnIndex": 3, "startRowIndex": 1, "endRowIndex": 2}, "rule": {"condition": {"type": "ONE_OF_LIST", "values": [{"userEnteredValue": "是"}]}}}});
    let repeat = json!({"repeatCell": {"range": {"sheetId": 0, "endRowIndex": 1}, "cell": {"userEnteredFormat": {"textFormat": {"bold": true}}}, "fields": "userEnteredFormat.textFormat.bold"}});
    let done = batch(&sandbox, &token, json!([delete, range, rule, repeat])).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(
        sandbox.rows("工作表1").await,
        json!([["id", 1], ["d"], ["a"]])
    );
    let filter = json!({"includeGridData": true, "dataFilters": [{"a1Range": "A1:C2"}]});
    let data = sandbox
        .sheets(&token, Method::POST, ":getByDataFilter", Some(filter))
        .await
        .body;
    let rows = &data["sheets"][0]["data"][0]["rowData"];
    assert_eq!(
        rows[0]["values"][0]["userEnteredValue"],
        json!({"stringValue": "id"})
    );
    assert_eq!(
        rows[0]["values"][0]["userEnteredFormat"]["textFormat"]["bold"],
        true
    );
    assert_eq!(
        rows[1]["values"][2]["dataValidation"]["condition"]["type"],
        "ONE_OF_LIST"
    );
    let all = json!({"deleteDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 998}}});
    assert_eq!(batch(&sandbox, &token, json!([all])).await.status, 400);
    assert_eq!(
        batch(&sandbox, &token, json!([{"deleteSheet": {"sheetId": 0}}]))
            .await
            .status,
        400,
        "the last tab stays"
    );
}

#[tokio::test]
async fn row_metadata_finds_its_row_after_it_moved() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    put(&sandbox, &token, "A1", RAW, json!([["x"], ["mine"]])).await;
    let row = json!({"dimensionRange": {"sheetId": 0, "dimension": "ROWS", "startIndex": 1, "endIndex": 2}});
    let create = json!({"createDeveloperMetadata": {"developerMetadata": {"metadataKey": "order", "metadataValue": "1", "visibility": "DOCUMENT", "location": row}}});
    let insert = json!({"insertDimension": {"range": {"sheetId": 0, "dimension": "ROWS", "startIndex": 0, "endIndex": 3}}});
    batch(&sandbox, &token, json!([create, insert])).await;
    let filter = json!({"dataFilters": [{"developerMetadataLookup": {"metadataKey": "order", "metadataValue": "1"}}]});
    let found = sandbox
        .sheets(
            &token,
            Method::POST,
            "/values:batchGetByDataFilter",
            Some(filter),
        )
        .await
        .body;
    assert_eq!(
        found["valueRanges"][0]["valueRange"]["values"],
        json!([["mine"]])
    );
}

#[tokio::test]
async fn paths_may_be_written_in_many_ways() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    for path in ["", "/", "?prettyPrint=false", "?unknown=1"] {
        assert_eq!(
            sandbox.sheets(&token, Method::GET, path, None).await.status,
            200,
            "{path}"
        );
    }
    let title = json!({"requests": [{"updateSpreadsheetProperties": {"properties": {"title": "新名字"}, "fields": "title"}}], "includeSpreadsheetInResponse": true});
    let renamed = sandbox
        .sheets(&token, Method::POST, "/:batchUpdate", Some(title))
        .await;
    assert_eq!(
        renamed.body["updatedSpreadsheet"]["properties"]["title"],
        "新名字"
    );
    let url = sandbox.at(&format!(
        "/v4/spreadsheets/{}/values:batchGet",
        google_sim::SHEET_ID
    ));
    let long = sandbox
        .http
        .post(url)
        .bearer_auth(&token)
        .header("x-http-method-override", "GET")
        .form(&[("ranges", "A1:B2")])
        .send()
        .await
        .unwrap();
    assert_eq!(long.status(), 200);
    assert_eq!(
        sandbox
            .sheets(&token, Method::GET, "/nonsense", None)
            .await
            .status,
        404
    );
    let broken = sandbox
        .http
        .post(sandbox.at(&format!(
            "/v4/spreadsheets/{}:batchUpdate",
            google_sim::SHEET_ID
        )))
        .bearer_auth(&token)
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(broken.status(), 400);
}
