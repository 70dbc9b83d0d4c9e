//! `DataFilter`: by A1 range, by grid range, or by developer metadata.

use serde_json::{Map, Value};

use super::a1::{Area, resolve};
use super::book::{Book, Metadata, Place};
use super::error::ApiError;
use super::input;

/// The ranges that a list of filters selects.
pub(crate) fn areas(book: &Book, filters: &[Value]) -> Result<Vec<(usize, Area)>, ApiError> {
    let mut out = Vec::new();
    for filter in filters {
        let map = input::object(Some(filter), "data_filters")?;
        input::only(
            map,
            &["a1Range", "gridRange", "developerMetadataLookup"],
            "data_filters",
        )?;
        if let Some(range) = input::text(map, "a1Range") {
            out.push(resolve(book, range)?);
        } else if map.contains_key("gridRange") {
            out.push(input::grid_range(book, map.get("gridRange"))?);
        } else {
            let lookup = input::object(
                map.get("developerMetadataLookup"),
                "developer_metadata_lookup",
            )?;
            out.extend(
                matching(book, lookup)?
                    .into_iter()
                    .filter_map(|m| place(book, m.place)),
            );
        }
    }
    Ok(out)
}

/// The metadata that a `developerMetadataLookup` finds.
pub(crate) fn matching<'a>(
    book: &'a Book,
    lookup: &Map<String, Value>,
) -> Result<Vec<&'a Metadata>, ApiError> {
    let names = [
        "locationType",
        "metadataLocation",
        "locationMatchingStrategy",
        "metadataId",
        "metadataKey",
        "metadataValue",
        "visibility",
    ];
    input::only(lookup, &names, "developer_metadata_lookup")?;
    let id = input::id(lookup, "metadataId")?;
    let (key, value, kind) = (
        input::text(lookup, "metadataKey"),
        input::text(lookup, "metadataValue"),
        input::text(lookup, "locationType"),
    );
    let found = book.metadata.iter().filter(|m| {
        let kind_of = match m.place {
            Place::Spreadsheet => "SPREADSHEET",
            Place::Tab(_) => "SHEET",
            Place::Row(..) => "ROW",
            Place::Column(..) => "COLUMN",
        };
        id.is_none_or(|id| id == m.id)
            && key.is_none_or(|k| k == m.key)
            && value.is_none_or(|v| m.value.as_deref() == Some(v))
            && kind.is_none_or(|k| k == kind_of)
    });
    Ok(found.collect())
}

fn place(book: &Book, place: Place) -> Option<(usize, Area)> {
    match place {
        Place::Spreadsheet => None,
        Place::Tab(id) => Some((book.tab_by_id(id)?, Area::ALL)),
        Place::Row(id, row) => Some((
            book.tab_by_id(id)?,
            Area {
                r0: row,
                r1: Some(row + 1),
                ..Area::ALL
            },
        )),
        Place::Column(id, column) => Some((
            book.tab_by_id(id)?,
            Area {
                c0: column,
                c1: Some(column + 1),
                ..Area::ALL
            },
        )),
    }
}
