//! The spreadsheet as a page that its owner reads and edits, without a line of script.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde_json::json;

use super::render;
use crate::respond::{self, Params};
use crate::sheets::{
    self, Actor, ApiError, Area, Book, Cell, CellValue, Entry, Tab, column_name, commit,
    parse_cells, shown,
};
use crate::world::World;

/// Rows on one page, and empty rows after the last used one.
const PAGE_ROWS: u32 = 200;
const SPARE_ROWS: u32 = 5;
const MAX_COLUMNS: u32 = 60;

#[derive(Template)]
#[template(path = "sheet.html")]
struct SheetPage {
    id: String,
    title: String,
    shop: Option<String>,
    tabs: Vec<TabLink>,
    tab: i32,
    columns: Vec<String>,
    rows: Vec<RowView>,
    selected: String,
    selected_row: u32,
    selected_column: String,
    /// What the selected cell's owner would see when editing it.
    input: String,
    locked: bool,
    options: Vec<String>,
    refresh: bool,
    used_rows: u32,
    before: Option<u32>,
    after: Option<u32>,
    error: Option<String>,
}

struct TabLink {
    id: i32,
    title: String,
    current: bool,
}

struct RowView {
    number: u32,
    frozen: bool,
    cells: Vec<CellView>,
}

struct CellView {
    a1: String,
    text: String,
    class: &'static str,
    locked: bool,
}

/// Where on the page we are.
#[derive(Debug, Clone, Default)]
struct Place {
    tab: i32,
    cell: Option<(u32, u32)>,
    from: u32,
    refresh: bool,
}

impl Place {
    fn read(params: &Params, book: &Book) -> Self {
        // A new spreadsheet's empty first tab is not what anybody comes to see.
        let used = book.tabs.iter().find(|tab| tab.used_rows() > 0);
        let first = used.or(book.tabs.first()).map_or(0, |tab| tab.id);
        let cell = params
            .get("cell")
            .and_then(parse_cells)
            .filter(|a| a.is_cell());
        Self {
            tab: params
                .get("tab")
                .and_then(|t| t.parse().ok())
                .filter(|id| book.tab_by_id(*id).is_some())
                .unwrap_or(first),
            cell: cell.map(|a| (a.r0, a.c0)),
            from: params.get("from").and_then(|n| n.parse().ok()).unwrap_or(0),
            refresh: params.flag("refresh"),
        }
    }

    fn address(&self, id: &str) -> String {
        let (row, column) = self.cell.unwrap_or((0, 0));
        let cell = format!("{}{}", column_name(column), row.saturating_add(1));
        format!(
            "/sheets/{id}?tab={}&cell={cell}&from={}#{cell}",
            self.tab, self.from
        )
    }
}

/// `GET /sheets/{id}?tab=&cell=&from=&refresh=`.
pub(crate) async fn sheet(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    uri: Uri,
) -> Response {
    let state = world.lock();
    let Some(book) = state.books.get(&id) else {
        return missing();
    };
    let place = Place::read(&Params::query(&uri), book);
    let page = view(book, &place, world.settings.shop_url.clone(), None);
    drop(state);
    show(StatusCode::OK, page)
}

fn missing() -> Response {
    respond::page(
        StatusCode::NOT_FOUND,
        "<!DOCTYPE html><title>找不到</title><p>這個沙盒裡沒有這份試算表。</p>".to_owned(),
    )
}

fn show(status: StatusCode, page: Option<SheetPage>) -> Response {
    match page {
        Some(page) => render(status, &page),
        None => missing(),
    }
}

fn view(
    book: &Book,
    place: &Place,
    shop: Option<String>,
    error: Option<String>,
) -> Option<SheetPage> {
    let position = book.tab_by_id(place.tab)?;
    let tab = book.tabs.get(position)?;
    let (row, column) = place.cell.unwrap_or((0, 0));
    let wanted = tab
        .used_columns()
        .max(column.saturating_add(1))
        .saturating_add(1);
    let width = wanted.clamp(8, MAX_COLUMNS).min(tab.columns);
    let last = tab
        .used_rows()
        .saturating_add(SPARE_ROWS)
        .max(row.saturating_add(1))
        .max(12)
        .min(tab.rows);
    let from = place.from.min(last.saturating_sub(1));
    let to = last.min(from.saturating_add(PAGE_ROWS));
    let locks = locks(book, tab);
    let rows = (from..to)
        .map(|r| RowView {
            number: r + 1,
            frozen: r < tab.frozen_rows,
            cells: (0..width)
                .map(|c| cell_view(tab, &locks, r, c, place.cell == Some((r, c))))
                .collect(),
        })
        .collect();
    let cell = tab.cell(row, column);
    Some(SheetPage {
        id: book.id.clone(),
        title: book.title.clone(),
        shop,
        tabs: book
            .tabs
            .iter()
            .map(|t| TabLink {
                id: t.id,
                title: t.title.clone(),
                current: t.id == tab.id,
            })
            .collect(),
        tab: tab.id,
        columns: (0..width).map(column_name).collect(),
        rows,
        selected: format!("{}{}", column_name(column), row + 1),
        selected_row: row + 1,
        selected_column: column_name(column),
        input: cell.map(as_typed).unwrap_or_default(),
        locked: locks.iter().any(|a| holds(*a, row, column)),
        options: cell.map(choices).unwrap_or_default(),
        refresh: place.refresh,
        used_rows: tab.used_rows(),
        before: (from > 0).then(|| from.saturating_sub(PAGE_ROWS)),
        after: (to < last).then_some(to),
        error,
    })
}

fn cell_view(tab: &Tab, locks: &[Area], row: u32, column: u32, selected: bool) -> CellView {
    let cell = tab.cell(row, column);
    let class = match (selected, cell.and_then(|c| c.value.as_ref())) {
        (true, _) => "selected",
        (false, Some(CellValue::Number(_))) => "number",
        (false, Some(CellValue::Bool(_))) => "bool",
        (false, Some(CellValue::Formula(_))) => "formula",
        (false, Some(CellValue::Text(_)) | None) => "",
    };
    CellView {
        a1: format!("{}{}", column_name(column), row + 1),
        text: cell.map(shown).unwrap_or_default(),
        class,
        locked: locks.iter().any(|a| holds(*a, row, column)),
    }
}

/// The protected areas of a tab.
fn locks(book: &Book, tab: &Tab) -> Vec<Area> {
    book.protected
        .iter()
        .filter(|p| p.tab == tab.id)
        .map(|p| p.area)
        .collect()
}

fn holds(area: Area, row: u32, column: u32) -> bool {
    row >= area.r0
        && area.r1.is_none_or(|end| row < end)
        && column >= area.c0
        && area.c1.is_none_or(|end| column < end)
}

/// A cell as it stands in the input line: text that would be read as something else keeps its quote.
fn as_typed(cell: &Cell) -> String {
    match &cell.value {
        Some(CellValue::Text(text)) => match sheets::user_entered(text, 2000).0 {
            Some(CellValue::Text(same)) if same == *text => text.clone(),
            Some(_) | None => format!("'{text}"),
        },
        Some(CellValue::Number(_) | CellValue::Bool(_) | CellValue::Formula(_)) | None => {
            shown(cell)
        }
    }
}

/// The list that a validation rule offers.
fn choices(cell: &Cell) -> Vec<String> {
    let condition = cell
        .validation
        .as_deref()
        .and_then(|rule| rule.get("condition"));
    let is_list = condition
        .and_then(|c| c.get("type"))
        .and_then(|t| t.as_str())
        == Some("ONE_OF_LIST");
    let values = condition
        .filter(|_| is_list)
        .and_then(|c| c.get("values"))
        .and_then(|v| v.as_array());
    let text = |v: &serde_json::Value| {
        v.get("userEnteredValue")
            .and_then(|t| t.as_str())
            .map(str::to_owned)
    };
    values
        .map(|list| list.iter().filter_map(text).collect())
        .unwrap_or_default()
}

/// Edits as the owner, then back to the page; a refusal is shown on it.
fn edit(
    world: &World,
    id: &str,
    form: &Params,
    act: impl FnOnce(&mut Book, &Actor, usize, &Place) -> Result<(), ApiError>,
) -> Response {
    let mut state = world.lock();
    let Some(book) = state.books.get(id) else {
        return missing();
    };
    let place = Place::read(form, book);
    let actor = Actor {
        email: book.owner().to_owned(),
        now: state.now(),
    };
    let done = commit(&mut state, id, |draft| {
        let position = draft.tab_by_id(place.tab).ok_or_else(ApiError::not_found)?;
        act(draft, &actor, position, &place)
    });
    match done {
        Ok(()) => {
            drop(state);
            world.saver.touch();
            respond::redirect(StatusCode::SEE_OTHER, &place.address(id))
        }
        Err(why) => {
            let page = state.books.get(id).and_then(|b| {
                view(
                    b,
                    &place,
                    world.settings.shop_url.clone(),
                    Some(why.message),
                )
            });
            show(StatusCode::BAD_REQUEST, page)
        }
    }
}

fn chosen(place: &Place) -> Result<(u32, u32), ApiError> {
    place
        .cell
        .ok_or_else(|| ApiError::invalid("請先選一個儲存格。"))
}

/// `POST /sheets/{id}/cell`: `tab`, `cell`, `value`, as typed.
pub(crate) async fn edit_cell(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::body(&headers, &body);
    let value = form.get("value").unwrap_or_default().to_owned();
    edit(&world, &id, &form, |draft, actor, position, place| {
        let (row, column) = chosen(place)?;
        let tab = draft.tab(position)?;
        if row >= tab.rows || column >= tab.columns {
            return Err(ApiError::invalid("這個儲存格在工作表的範圍之外。"));
        }
        sheets::put(
            draft,
            actor,
            position,
            (row, column),
            &[vec![json!(value)]],
            Entry::UserEntered,
        )
        .map(drop)
    })
}

/// `POST /sheets/{id}/rows`: `action` is `insert` (below the cell's row) or `delete`.
pub(crate) async fn edit_rows(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::body(&headers, &body);
    let delete = form.get("action") == Some("delete");
    edit(&world, &id, &form, |draft, actor, position, place| {
        let (row, _) = chosen(place)?;
        if delete {
            sheets::delete_rows(draft, actor, position, row, row.saturating_add(1))
        } else {
            sheets::insert_rows(draft, actor, position, row.saturating_add(1), 1)
        }
    })
}

/// `POST /sheets/{id}/sort`: all rows under the header by the cell's column; `order` is `asc` or `desc`.
pub(crate) async fn sort(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::body(&headers, &body);
    let descending = form.get("order") == Some("desc");
    edit(&world, &id, &form, |draft, actor, position, place| {
        let (_, column) = chosen(place)?;
        let tab = draft.tab(position)?;
        let area = Area {
            r0: tab.frozen_rows.max(1).min(tab.rows.saturating_sub(1)),
            ..Area::ALL
        };
        sheets::sort_rows(draft, actor, position, area, &[(column, descending)])
    })
}
