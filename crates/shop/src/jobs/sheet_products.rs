//! The owner's tab 商品: filled once, then read.

use super::{sheet::RoundError, sheet_rows::PRODUCTS};
use crate::{
    app::App,
    catalogue::{RawProduct, RowFault, read_row},
};
use google::{
    sheets::Cell,
    tables::{Grid, Row, Tables},
};

/// The products that we know, for a tab that has none: those of `jinliu.toml` in a new shop, and those last read where
/// the tab was lost.
pub(super) fn known_products(app: &App) -> Vec<Row> {
    app.catalogue
        .shelf()
        .products
        .iter()
        .map(|product| Row {
            key: product.id.to_string(),
            cells: vec![
                ("name", Cell::Text(product.name.clone())),
                ("description", Cell::Text(product.description.clone())),
                ("price", Cell::Integer(i64::from(product.price.dollars()))),
                ("image", Cell::Text(product.image.clone())),
                (
                    "stock",
                    product.stock.map_or(Cell::Text(String::new()), |stock| {
                        Cell::Integer(i64::from(stock))
                    }),
                ),
                (
                    "active",
                    Cell::Text(if product.active { "是" } else { "否" }.to_owned()),
                ),
            ],
        })
        .collect()
}

/// Reads the owner's products and puts them on the shelf; rows that cannot be read are skipped and reported.
pub(super) async fn read_catalogue<G: Grid>(
    app: &App,
    tables: &Tables<G>,
) -> Result<(), RoundError> {
    let table = tables.read_table(&PRODUCTS).await?;
    let (mut products, mut faults) = (Vec::<orders::Product>::new(), Vec::new());
    for row in &table.rows {
        let raw = RawProduct {
            id: row.text("id"),
            name: row.text("name"),
            description: row.text("description"),
            price: row.text("price"),
            image: row.text("image"),
            stock: row.text("stock"),
            active: row.text("active"),
        };
        let empty = [&raw.id, &raw.name, &raw.price]
            .iter()
            .all(|cell| cell.trim().is_empty());
        if empty {
            continue;
        }
        let read = read_row(&raw).and_then(|product| {
            let twice = products.iter().any(|known| known.id == product.id);
            if twice {
                Err("這個商品編號前面已經用過了".to_owned())
            } else {
                Ok(product)
            }
        });
        match read {
            Ok(product) => products.push(product),
            Err(what) => faults.push(RowFault {
                row: row.row_number,
                what,
            }),
        }
    }
    let changed = app.catalogue.shelf().faults != faults;
    if changed {
        for fault in &faults {
            tracing::warn!(
                row = fault.row,
                what = fault.what,
                "a product's row was skipped"
            );
        }
    }
    app.catalogue
        .fill(products, faults, app.ledger.as_ref(), app.clock.now())
        .await?;
    Ok(())
}
