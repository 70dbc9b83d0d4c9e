//! What is for sale. Read from the sheet where there is one, from `jinliu.toml` otherwise; the last good one is kept.

use crate::settings::Settings;
use jiff::Timestamp;
use ledger::{Ledger, LedgerError};
use orders::{Product, ProductId, Twd};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, PoisonError, RwLock};

/// PAYUNi's highest amount of any method (docs page 170): nothing dearer could ever be paid.
pub const PRICE_MAX: u32 = 199_999;
const NOTE: &str = "catalogue";

/// The catalogue as it stands.
#[derive(Clone, Debug, Default)]
pub struct Shelf {
    /// The products, in the owner's order.
    pub products: Vec<Product>,
    /// Rows that could not be read, for the owner.
    pub faults: Vec<RowFault>,
    /// When the sheet was last read; `None` where the products come from the file.
    pub read_at: Option<Timestamp>,
    /// Since when the sheet cannot be read.
    pub stale_since: Option<Timestamp>,
}

/// A row of the sheet that was skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// Its number, as the sheet counts.
    pub row: u32,
    /// What is wrong and what to write instead, for the owner.
    pub what: String,
}

/// One product's cells, as people typed them.
#[derive(Clone, Debug, Default)]
pub struct RawProduct {
    /// 商品編號
    pub id: String,
    /// 名稱
    pub name: String,
    /// 說明
    pub description: String,
    /// 售價
    pub price: String,
    /// 圖片
    pub image: String,
    /// 可賣數量; empty for no limit
    pub stock: String,
    /// 上架
    pub active: String,
}

/// Reads one row of the sheet.
///
/// # Errors
/// Every fault of the row at once, in the owner's language.
pub fn read_row(raw: &RawProduct) -> Result<Product, String> {
    let mut faults = Vec::new();
    let id = raw.id.trim().parse::<ProductId>();
    if id.is_err() {
        faults.push("商品編號只能用小寫英文、數字與「-」，最多 40 個字".to_owned());
    }
    let name = raw.name.trim();
    if name.is_empty() || name.chars().count() > 60 {
        faults.push("名稱要有 1 到 60 個字".to_owned());
    }
    if raw.description.chars().count() > 400 {
        faults.push("說明最多 400 個字".to_owned());
    }
    let price = raw
        .price
        .trim()
        .parse::<Twd>()
        .ok()
        .filter(|price| price.dollars() <= PRICE_MAX);
    if price.is_none() {
        faults.push(format!("售價要是 1 到 {PRICE_MAX} 的整數，不加逗號與小數"));
    }
    let image = raw.image.trim();
    let image_fits = image.is_empty()
        || image.starts_with("https://")
        || (image.starts_with('/') && !image.starts_with("//"));
    if !image_fits || image.contains(['"', '<', '>', ' ', '\\']) {
        faults.push("圖片要是 https:// 開頭的網址，或 /assets/ 下的檔案；沒有就留空".to_owned());
    }
    let stock = match raw.stock.trim() {
        "" => Ok(None),
        text => text.parse::<u32>().map(Some),
    };
    if stock.is_err() {
        faults.push("可賣數量要是 0 以上的整數；不限量就留空".to_owned());
    }
    let active = match raw.active.trim().to_lowercase().as_str() {
        "true" | "是" | "yes" | "y" | "1" | "上架" => Some(true),
        "false" | "否" | "no" | "n" | "0" | "下架" | "" => Some(false),
        _ => None,
    };
    if active.is_none() {
        faults.push("上架要填「是」或「否」".to_owned());
    }
    match (id, price, stock, active) {
        (Ok(id), Some(price), Ok(stock), Some(active)) if faults.is_empty() => Ok(Product {
            id,
            name: name.to_owned(),
            description: raw.description.trim().to_owned(),
            price,
            image: image.to_owned(),
            stock,
            active,
        }),
        _ => Err(faults.join("；")),
    }
}

/// The catalogue, shared by all requests.
#[derive(Clone)]
pub struct Catalogue {
    shelf: Arc<RwLock<Arc<Shelf>>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    name: String,
    description: String,
    price: u32,
    image: String,
    stock: Option<u32>,
    active: bool,
}

impl Catalogue {
    /// Starts with the file's products.
    #[must_use]
    pub fn from_settings(settings: &Settings) -> Self {
        let shelf = Shelf {
            products: file_products(settings),
            ..Shelf::default()
        };
        Self {
            shelf: Arc::new(RwLock::new(Arc::new(shelf))),
        }
    }

    /// Returns the catalogue as it stands.
    #[must_use]
    pub fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns a product that is offered.
    #[must_use]
    pub fn offered(&self, id: &str) -> Option<Product> {
        self.shelf()
            .products
            .iter()
            .find(|product| product.id.as_str() == id && product.active)
            .cloned()
    }

    /// Puts what was read from the sheet on the shelf, and keeps it for a start without Google.
    ///
    /// # Errors
    /// The ledger's; the shelf is filled all the same.
    pub async fn fill(
        &self,
        products: Vec<Product>,
        faults: Vec<RowFault>,
        ledger: &dyn Ledger,
        now: Timestamp,
    ) -> Result<(), LedgerError> {
        let changed = self.shelf().products != products || self.shelf().read_at.is_none();
        let kept: Vec<Kept> = products
            .iter()
            .map(|product| Kept {
                id: product.id.to_string(),
                name: product.name.clone(),
                description: product.description.clone(),
                price: product.price.dollars(),
                image: product.image.clone(),
                stock: product.stock,
                active: product.active,
            })
            .collect();
        self.put(Shelf {
            products,
            faults,
            read_at: Some(now),
            stale_since: None,
        });
        if changed {
            ledger
                .note(NOTE, serde_json::to_string(&kept).unwrap_or_default(), now)
                .await?;
        }
        Ok(())
    }

    /// Takes the last good catalogue out of the ledger, where there is one.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn recall(&self, ledger: &dyn Ledger) -> Result<(), LedgerError> {
        let Some((body, at)) = ledger.noted(NOTE).await? else {
            return Ok(());
        };
        let kept: Vec<Kept> = serde_json::from_str(&body).unwrap_or_default();
        let products: Vec<Product> = kept
            .into_iter()
            .filter_map(|kept| {
                Some(Product {
                    id: kept.id.parse().ok()?,
                    name: kept.name,
                    description: kept.description,
                    price: Twd::new(kept.price).ok()?,
                    image: kept.image,
                    stock: kept.stock,
                    active: kept.active,
                })
            })
            .collect();
        if !products.is_empty() {
            self.put(Shelf {
                products,
                faults: Vec::new(),
                read_at: Some(at),
                stale_since: None,
            });
        }
        Ok(())
    }

    /// Notes that the sheet cannot be read; what is on the shelf stays.
    pub fn is_stale(&self, now: Timestamp) {
        let shelf = self.shelf();
        if shelf.stale_since.is_none() {
            self.put(Shelf {
                stale_since: Some(now),
                ..(*shelf).clone()
            });
        }
    }

    fn put(&self, shelf: Shelf) {
        *self.shelf.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shelf);
    }
}

/// Returns the products of `jinliu.toml`.
#[must_use]
pub fn file_products(settings: &Settings) -> Vec<Product> {
    // The file was validated when it was read; what does not fit here could not have passed there.
    let product = |product: &crate::settings::Product| {
        Some(Product {
            id: product.id.parse().ok()?,
            name: product.name.clone(),
            description: product.description.clone(),
            price: Twd::new(product.price).ok()?,
            image: product.image.clone(),
            stock: Some(product.stock),
            active: product.active,
        })
    };
    settings.shop.products.iter().filter_map(product).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> RawProduct {
        RawProduct {
            id: "tea-1".into(),
            name: "高山茶".into(),
            description: String::new(),
            price: "1280".into(),
            image: "/assets/demo/tea.svg".into(),
            stock: "5".into(),
            active: "是".into(),
        }
    }

    #[test]
    fn a_row_is_read_as_people_type_it() {
        let product = read_row(&good()).unwrap();
        assert_eq!(
            (product.price.dollars(), product.stock, product.active),
            (1280, Some(5), true)
        );
        let unlimited = read_row(&RawProduct {
            stock: " ".into(),
            active: "TRUE".into(),
            ..good()
        })
        .unwrap();
        assert_eq!((unlimited.stock, unlimited.active), (None, true));
    }

    #[test]
    fn a_bad_row_says_everything_that_is_wrong() {
        type Change = fn(&mut RawProduct);
        let changes: [(Change, &str); 8] = [
            (|row| row.id = "Tea 1".into(), "商品編號"),
            (|row| row.name = "  ".into(), "名稱"),
            (|row| row.price = "1,280".into(), "售價"),
            (|row| row.price = "12.5".into(), "售價"),
            (|row| row.price = "200000".into(), "售價"),
            (|row| row.image = "javascript:alert(1)".into(), "圖片"),
            (|row| row.stock = "-1".into(), "可賣數量"),
            (|row| row.active = "也許".into(), "上架"),
        ];
        for (change, field) in changes {
            let mut row = good();
            change(&mut row);
            assert!(read_row(&row).unwrap_err().starts_with(field), "{row:?}");
        }
        let all = read_row(&RawProduct::default()).unwrap_err();
        assert_eq!(all.matches('；').count(), 2, "{all}");
    }
}
