//! What Sheets means by a write, a read, an append and a batch.

use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::Sandbox;

pub(crate) const RAW: &str = "valueInputOption=RAW";
pub(crate) const TYPED: &str = "valueInputOption=USER_ENTERED";

pub(crate) async fn put(
    sandbox: &Sandbox,
    token: &str,
    range: &str,
    option: &str,
    values: Value,
) -> crate::sandbox::Answer {
    let path = format!("/values/{range}?{option}");
    sandbox
        .sheets(token, Method::PUT, &path, Some(json!({"values": values})))
        .await
}

pub(crate) async fn get(sandbox: &Sandbox, token: &str, range: &str) -> Value {
    sandbox
        .sheets(token, Method::GET, &format!("/values/{range}"), None)
        .await
        .body
}

pub(crate) async fn batch(
    sandbox: &Sandbox,
    token: &str,
    requests: Value,
) -> crate::sandbox::Answer {
    sandbox
        .sheets(
            token,
            Method::POST,
            ":batchUpdate",
            Some(json!({"requests": requests})),
        )
        .await
}

pub(crate) async fn add_tab(sandbox: &Sandbox, token: &str, id: i32, title: &str) {
    let grid = json!({"rowCount": 20, "columnCount": 5});
    let answer = batch(sandbox, token, json!([{"addSheet": {"properties": {"sheetId": id, "title": title, "gridProperties": grid}}}])).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        answer.body["replies"][0]["addSheet"]["properties"]["sheetId"],
        id
    );
}

#[tokio::test]
async fn a_new_spreadsheet_is_as_google_makes_one() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    let book = sandbox.sheets(&token, Method::GET, "", None).await.body;
    assert_eq!(book["properties"]["title"], "島嶼選物訂單簿");
    let grid = json!({"rowCount": 1000, "columnCount": 26});
    assert_eq!(
        book["sheets"][0]["properties"],
        json!({"sheetId": 0, "title": "工作表1", "index": 0, "sheetType": "GRID", "gridProperties": grid})
    );
    let masked = sandbox
        .sheets(
            &token,
            Method::GET,
            "?fields=sheets(properties(title,gridProperties/rowCount))",
            None,
        )
        .await
        .body;
    assert_eq!(
        masked,
        json!({"sheets": [{"properties": {"title": "工作表1", "gridProperties": {"rowCount": 1000}}}]})
    );
    let bad = sandbox
        .sheets(&token, Method::GET, "?fields=sheets((", None)
        .await;
    assert_eq!(bad.status, 400);
    let empty = get(&sandbox, &token, "A1:C3").await;
    assert_eq!(
        empty,
        json!({"range": "'工作表1'!A1:C3", "majorDimension": "ROWS"}),
        "no values key for an empty range"
    );
}

#[tokio::test]
async fn raw_keeps_and_typed_reads() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    // typed text, then: unformatted value, shown text
    let table = [
        ("007", json!(7), "7"),
        ("'007", json!("007"), "007"),
        ("1e3", json!(1000), "1.00E+03"),
        ("TRUE", json!(true), "TRUE"),
        ("50%", json!(0.5), "50%"),
        ("NT$1,234", json!(1234), "NT$1,234"),
        ("1,234.5", json!(1234.5), "1,234.50"),
        ("2026-02-03", json!(46056), "2026-02-03"),
        ("2026/2/3", json!(46056), "2026/2/3"),
        ("=1+1", json!("=1+1"), "=1+1"),
        ("0.1", json!(0.1), "0.1"),
        ("107000000000000000001", json!(1.07e20), "1.07E+20"),
        ("1,23", json!("1,23"), "1,23"),
        ("2026-13-01", json!("2026-13-01"), "2026-13-01"),
        ("+886912", json!(886_912), "886912"),
    ];
    let column: Vec<Value> = table.iter().map(|(text, ..)| json!([text])).collect();
    assert_eq!(
        put(&sandbox, &token, "A1", TYPED, json!(column))
            .await
            .status,
        200
    );
    put(&sandbox, &token, "B1", RAW, json!(column)).await;
    let typed = get(
        &sandbox,
        &token,
        "A1:A15?valueRenderOption=UNFORMATTED_VALUE",
    )
    .await;
    let shown = get(&sandbox, &token, "A1:A15").await;
    let raw = get(
        &sandbox,
        &token,
        "B1:B15?valueRenderOption=UNFORMATTED_VALUE",
    )
    .await;
    for (i, (text, value, look)) in table.iter().enumerate() {
        assert_eq!(typed["values"][i][0], *value, "{text}");
        assert_eq!(shown["values"][i][0], json!(look), "{text}");
        assert_eq!(raw["values"][i][0], json!(text), "RAW keeps text as text");
    }
    put(
        &sandbox,
        &token,
        "C1",
        TYPED,
        json!([["2026-02-03 13:11:57"], [12.5], [true]]),
    )
    .await;
    let serial = get(
        &sandbox,
        &token,
        "C1:C3?valueRenderOption=UNFORMATTED_VALUE",
    )
    .await;
    let drift = serial["values"][0][0].as_f64().unwrap() - 46_056.549_965_277_78;
    assert!(drift.abs() < 1e-8, "{serial}");
    let dates = get(
        &sandbox,
        &token,
        "C1:C3?valueRenderOption=UNFORMATTED_VALUE&dateTimeRenderOption=FORMATTED_STRING",
    )
    .await;
    assert_eq!(
        dates["values"],
        json!([["2026-02-03 13:11:57"], [12.5], [true]])
    );
}

#[tokio::test]
async fn rows_are_ragged_null_skips_and_empty_clears() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    let written = put(
        &sandbox,
        &token,
        "A1",
        RAW,
        json!([["a", "b", "c"], ["d"], ["", "x", ""]]),
    )
    .await
    .body;
    assert_eq!(
        (&written["updatedRange"], &written["updatedCells"]),
        (&json!("'工作表1'!A1:C3"), &json!(7))
    );
    assert_eq!(
        get(&sandbox, &token, "A1:E9").await["values"],
        json!([["a", "b", "c"], ["d"], ["", "x"]])
    );
    put(&sandbox, &token, "A1", RAW, json!([[null, "", "C"]])).await;
    assert_eq!(
        get(&sandbox, &token, "A1:C1").await["values"],
        json!([["a", "", "C"]])
    );
    let columns = get(&sandbox, &token, "A1:C3?majorDimension=COLUMNS").await;
    assert_eq!(columns["values"], json!([["a", "d"], ["", "", "x"], ["C"]]));
    let path = "/values/E1?valueInputOption=RAW&includeValuesInResponse=True";
    let by_column = json!({"majorDimension": "COLUMNS", "values": [["1", "2"], ["3"]]});
    let echoed = sandbox
        .sheets(&token, Method::PUT, path, Some(by_column))
        .await
        .body;
    assert_eq!(echoed["updatedData"]["values"], json!([["1", "3"], ["2"]]));
    let cleared = sandbox
        .sheets(&token, Method::POST, "/values/A:C:clear", None)
        .await
        .body;
    assert_eq!(cleared["clearedRange"], "'工作表1'!A1:C1000");
    assert!(get(&sandbox, &token, "A1:C3").await.get("values").is_none());
}

#[tokio::test]
async fn ranges_are_read_and_echoed_as_google_does() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    add_tab(&sandbox, &token, 7, "Orders").await;
    add_tab(&sandbox, &token, 8, "My Shop's Orders").await;
    add_tab(&sandbox, &token, 9, "A1").await;
    let good = [
        ("Orders", "Orders!A1:E20"),
        ("orders!a1:b2", "Orders!A1:B2"),
        ("Orders!A:C", "Orders!A1:C20"),
        ("Orders!2:3", "Orders!A2:E3"),
        ("Orders!B3:C", "Orders!B3:C20"),
        ("Orders!$B$2", "Orders!B2"),
        ("Orders!C3:B2", "Orders!B2:C3"),
        ("Orders!A1:Z99", "Orders!A1:E20"),
        (
            "%27My%20Shop%27%27s%20Orders%27%21A1%3AB2",
            "'My Shop''s Orders'!A1:B2",
        ),
        ("'My%20Shop''s%20Orders'", "'My Shop''s Orders'!A1:E20"),
        ("A1", "'工作表1'!A1"),
        ("%27A1%27", "'A1'!A1:E20"),
    ];
    for (range, echo) in good {
        assert_eq!(get(&sandbox, &token, range).await["range"], echo, "{range}");
    }
    for bad in [
        "Nowhere!A1",
        "Orders!",
        "Orders!A0",
        "Orders!1A",
        "'Orders!A1",
        "Orders!A1:B2:C3",
        "ZZZZ1",
    ] {
        let answer = sandbox
            .sheets(&token, Method::GET, &format!("/values/{bad}"), None)
            .await;
        assert_eq!(answer.status, 400, "{bad}");
        let message = answer.body["error"]["message"].as_str().unwrap();
        assert!(
            message.starts_with("Unable to parse range: "),
            "{bad}: {message}"
        );
    }
    let path = "/values:batchGet?ranges=Orders!A1%3AB2&ranges=%27Orders%27%21C1";
    let several = sandbox.sheets(&token, Method::GET, path, None).await.body;
    assert_eq!(several["valueRanges"][1]["range"], "Orders!C1");
}

#[tokio::test]
async fn the_grid_has_edges() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    add_tab(&sandbox, &token, 7, "T").await;
    let outside = sandbox
        .sheets(&token, Method::GET, "/values/T!A21:B", None)
        .await;
    assert_eq!(
        outside.body["error"]["message"],
        "Range (T!A21:B) exceeds grid limits. Max rows: 20, max columns: 5"
    );
    let tall = put(&sandbox, &token, "T!A1:A2", RAW, json!([[1], [2], [3]])).await;
    assert_eq!(
        tall.body["error"]["message"],
        "Requested writing within range ['T'!A1:A2], but tried writing to row [3]"
    );
    let wide = put(&sandbox, &token, "T!D1:D2", RAW, json!([[1, 2]])).await;
    assert_eq!(
        wide.body["error"]["message"],
        "Requested writing within range ['T'!D1:D2], but tried writing to column [E]"
    );
    assert_eq!(
        put(&sandbox, &token, "T!E20", RAW, json!([[1, 2]]))
            .await
            .status,
        400,
        "an update does not grow the grid"
    );
    let long = put(
        &sandbox,
        &token,
        "T!A1",
        RAW,
        json!([["字".repeat(50_001)]]),
    )
    .await;
    assert!(
        long.body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("50000 characters")
    );
    assert_eq!(
        put(
            &sandbox,
            &token,
            "T!A1",
            RAW,
            json!([["字".repeat(50_000)]])
        )
        .await
        .status,
        200
    );
    let huge = json!([{"addSheet": {"properties": {"title": "huge", "gridProperties": {"rowCount": 1_000_000, "columnCount": 10}}}}]);
    assert!(
        batch(&sandbox, &token, huge).await.body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("10000000 cells")
    );
}

#[tokio::test]
async fn what_the_api_does_not_know_is_refused() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    add_tab(&sandbox, &token, 7, "T").await;
    let nested = put(&sandbox, &token, "T!A1", RAW, json!([[["x"]]])).await;
    assert_eq!(nested.status, 400);
    let unknown = sandbox
        .sheets(
            &token,
            Method::PUT,
            "/values/T!A1?valueInputOption=RAW",
            Some(json!({"valeus": []})),
        )
        .await;
    assert!(
        unknown.body["error"]["message"]
            .as_str()
            .unwrap()
            .contains("Unknown name \"valeus\"")
    );
    assert_eq!(
        put(&sandbox, &token, "T!A1", "x=1", json!([[1]]))
            .await
            .status,
        400,
        "valueInputOption is required"
    );
}

/// Google's own example: a table in A1:C2 and one in B4:D6.
#[tokio::test]
async fn append_finds_the_table_in_the_range() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    let cases = [
        ("Sheet1", Some("Sheet1!B4:D6"), "Sheet1!B7:D7"),
        ("Sheet1!B4", Some("Sheet1!B4:D6"), "Sheet1!B7:D7"),
        ("Sheet1!C5:D5", Some("Sheet1!B4:D6"), "Sheet1!B7:D7"),
        ("Sheet1!B2:D4", Some("Sheet1!B4:D6"), "Sheet1!B7:D7"),
        ("Sheet1!A3:G10", Some("Sheet1!B4:D6"), "Sheet1!B7:D7"),
        ("Sheet1!A1", Some("Sheet1!A1:C2"), "Sheet1!A3:C3"),
        ("Sheet1!E4", None, "Sheet1!E4:G4"),
        ("Sheet1!A4", None, "Sheet1!A4:C4"),
    ];
    for (range, table, updated) in cases {
        let rows = json!([
            ["a", "b", "c"],
            ["d", "e", "f"],
            [],
            [null, 1, 2, 3],
            [null, 4, 5, 6],
            [null, 7, 8, 9]
        ]);
        let seed = json!({"sheet": {"tabs": [{"title": "Sheet1", "rows": rows}]}});
        assert_eq!(
            sandbox
                .control(Method::POST, "/_sandbox/seed", seed)
                .await
                .status,
            200
        );
        let path = format!("/values/{range}:append?valueInputOption=RAW");
        let answer = sandbox
            .sheets(
                &token,
                Method::POST,
                &path,
                Some(json!({"values": [["x", "y", "z"]]})),
            )
            .await
            .body;
        assert_eq!(
            answer.get("tableRange").and_then(Value::as_str),
            table,
            "{range}"
        );
        assert_eq!(answer["updates"]["updatedRange"], updated, "{range}");
    }
}

/// The drift that users of gspread know: a blank cell in a row splits the table.
#[tokio::test]
async fn append_to_a_whole_tab_drifts_after_a_blank_cell() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    let mut updated = Vec::new();
    for _ in 0..3 {
        let path = "/values/%E5%B7%A5%E4%BD%9C%E8%A1%A81:append?valueInputOption=RAW";
        let answer = sandbox
            .sheets(
                &token,
                Method::POST,
                path,
                Some(json!({"values": [["Test1", "", "Test2"]]})),
            )
            .await;
        updated.push(
            answer.body["updates"]["updatedRange"]
                .as_str()
                .unwrap()
                .rsplit('!')
                .next()
                .unwrap()
                .to_owned(),
        );
    }
    assert_eq!(updated, ["A1:C1", "C2:E2", "E3:G3"]);
}

#[tokio::test]
async fn append_overwrites_or_inserts_and_grows_the_grid() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    add_tab(&sandbox, &token, 7, "T").await;
    put(
        &sandbox,
        &token,
        "T!A1",
        RAW,
        json!([["id"], ["1"], [], ["total"]]),
    )
    .await;
    let append = |option: &'static str, value: &'static str| {
        let (sandbox, token) = (&sandbox, &token);
        async move {
            let path =
                format!("/values/T!A1:append?valueInputOption=RAW&insertDataOption={option}");
            sandbox
                .sheets(
                    token,
                    Method::POST,
                    &path,
                    Some(json!({"values": [[value]]})),
                )
                .await
        }
    };
    append("INSERT_ROWS", "2").await;
    assert_eq!(
        sandbox.rows("T").await,
        json!([["id"], ["1"], ["2"], [], ["total"]])
    );
    append("OVERWRITE", "3").await;
    assert_eq!(
        sandbox.rows("T").await,
        json!([["id"], ["1"], ["2"], ["3"], ["total"]])
    );
    put(
        &sandbox,
        &token,
        "T!A1",
        RAW,
        json!((1..=21).map(|n| json!([n])).collect::<Vec<_>>()),
    )
    .await;
    let grown = append("OVERWRITE", "x").await;
    assert_eq!(
        grown.body["updates"]["updatedRange"], "T!A22",
        "the 21 rows of the grid were full"
    );
    let book = sandbox
        .sheets(&token, Method::GET, "?fields=sheets.properties", None)
        .await
        .body;
    assert_eq!(
        book["sheets"][1]["properties"]["gridProperties"]["rowCount"],
        22
    );
}
