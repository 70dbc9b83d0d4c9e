//! Step 2. The catalogue says what there is and what it costs.

use crate::{asked::Asked, entropy, error::Failure, view::when};
use axum::response::{Html, Response};
use orders::Product;
use pages::{Method, ProductCard, Stock, StorefrontView, Turnstile};
use std::collections::BTreeMap;

/// Below so many left, the page says how many.
const LOW_STOCK: u32 = 5;

/// How the sandbox's keys begin.
const SANDBOX_KEYS: &str = "jinliu-sandbox";
/// The answer that Cloudflare's documented test keys give and take; the sandbox's check takes it too, so that the demo
/// works without script. The real check needs script, as Turnstile does.
const DUMMY_TOKEN: &str = "XXXX.DUMMY.TOKEN.XXXX";

/// `GET /`: the storefront.
pub(crate) async fn storefront(asked: Asked) -> Response {
    let result = async {
        let held: BTreeMap<String, u64> =
            asked.app.ledger.held_stock().await?.into_iter().collect();
        let shelf = asked.app.catalogue.shelf();
        let methods = &asked.app.settings.shop.payment;
        let offered = [
            (methods.card, Method::Card),
            (methods.atm, Method::Atm),
            (methods.cvs, Method::Cvs),
            (methods.line_pay, Method::LinePay),
        ];
        let view = StorefrontView {
            products: shelf
                .products
                .iter()
                .filter(|product| product.active)
                .map(|product| {
                    card(
                        &asked,
                        product,
                        held.get(product.id.as_str()).copied().unwrap_or(0),
                    )
                })
                .collect(),
            methods: offered
                .into_iter()
                .filter(|(on, _)| *on)
                .map(|(_, method)| method)
                .collect(),
            csrf: asked
                .signed
                .as_ref()
                .ok()
                .and_then(Option::as_ref)
                .map_or_else(String::new, |signed| signed.csrf.clone()),
            turnstile: asked
                .app
                .settings
                .turnstile
                .as_ref()
                .map(|turnstile| Turnstile {
                    site_key: turnstile.site_key.clone(),
                    script_url: turnstile.script_url.to_string(),
                    noscript_token: turnstile
                        .site_key
                        .starts_with(SANDBOX_KEYS)
                        .then(|| DUMMY_TOKEN.to_owned()),
                }),
            stale_since: shelf.stale_since.map(when),
        };
        Ok::<_, Failure>(Html(pages::storefront(&asked.shell(), &view)?))
    }
    .await;
    asked.answer(result)
}

fn card(asked: &Asked, product: &Product, held: u64) -> ProductCard {
    let left = left(product, held);
    let most = asked.app.settings.shop.limits.quantity_max;
    ProductCard {
        id: product.id.to_string(),
        name: product.name.clone(),
        description: product.description.clone(),
        image_url: (!product.image.is_empty())
            .then(|| asked.app.assets.versioned(&product.image).to_owned()),
        price_text: product.price.for_people(),
        stock: match left {
            Some(0) => Stock::SoldOut,
            Some(left) if left <= LOW_STOCK => Stock::Low(left),
            _ => Stock::InStock,
        },
        quantity_max: most.min(left.unwrap_or(most)),
        checkout_key: entropy::name(),
    }
}

fn left(product: &Product, held: u64) -> Option<u32> {
    product
        .stock
        .map(|stock| u32::try_from(u64::from(stock).saturating_sub(held)).unwrap_or(0))
}

/// `GET /about/{topic}`: terms, privacy, refunds.
pub(crate) async fn about(
    asked: Asked,
    axum::extract::Path(topic): axum::extract::Path<String>,
) -> Response {
    let texts = &asked.app.settings.shop.texts;
    let result = pages::Topic::from_slug(&topic)
        .ok_or(Failure::from(pages::Problem::NotFound))
        .and_then(|topic| {
            let own = match topic {
                pages::Topic::Terms => &texts.terms,
                pages::Topic::Privacy => &texts.privacy,
                pages::Topic::Refund => &texts.refund,
                pages::Topic::Delivery => &texts.delivery,
            };
            let shell = asked.shell();
            let own = (!own.trim().is_empty()).then_some(own.as_str());
            Ok(Html(pages::prose(
                &shell,
                &pages::ProseView::of(topic, shell.lang, &shell.shop, own),
            )?))
        });
    asked.answer(result)
}

/// `GET /assets/…`: files that are served; nothing else is.
pub(crate) async fn asset(
    axum::extract::State(app): axum::extract::State<std::sync::Arc<crate::App>>,
    uri: axum::http::Uri,
    headers: axum::http::HeaderMap,
) -> Response {
    use axum::{
        http::{StatusCode, header},
        response::IntoResponse,
    };
    let Some(asset) = app.assets.find(uri.path()) else {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    };
    let cache = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "public, no-cache"
    };
    let common = [
        (header::CACHE_CONTROL, cache.to_owned()),
        (header::ETAG, asset.etag.clone()),
    ];
    let known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|tag| tag.to_str().ok());
    if known == Some(asset.etag.as_str()) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    (
        common,
        [(header::CONTENT_TYPE, asset.content_type)],
        asset.bytes.clone().into_owned(),
    )
        .into_response()
}

/// A page that does not exist.
pub(crate) async fn nowhere(asked: Asked) -> Response {
    asked.answer::<Response>(Err(pages::Problem::NotFound.into()))
}

/// A method that an address does not take.
pub(crate) async fn wrong_method(asked: Asked) -> Response {
    asked.answer::<Response>(Err(pages::Problem::MethodNotAllowed.into()))
}
