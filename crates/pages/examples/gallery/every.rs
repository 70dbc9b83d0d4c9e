//! Every page in every state, rendered: for the gallery and for the tests.

#![expect(clippy::unwrap_used, reason = "made-up values of our own")]

use std::sync::Arc;

use pages::assets::Assets;
use pages::*;

use crate::office;
use crate::states::{self, Visitor, shell, when};

/// A page: its file name and its HTML.
pub(crate) struct Shown {
    /// For example `zh-TW/order-paid`.
    pub(crate) name: String,
    /// The whole document.
    pub(crate) html: String,
}

/// Pages of one language, as they are rendered.
struct Gallery<'a> {
    lang: Lang,
    assets: &'a Assets,
    shown: Vec<Shown>,
}

/// Renders every page in every state, in one language.
pub(crate) fn all(lang: Lang, assets: &Assets) -> Vec<Shown> {
    let mut gallery = Gallery {
        lang,
        assets,
        shown: Vec::new(),
    };
    gallery.storefronts();
    gallery.orders();
    gallery.messages();
    gallery.back_office();
    gallery.shown
}

impl Gallery<'_> {
    fn put(&mut self, name: &str, html: Result<String, askama::Error>) {
        let name = format!("{}/{}", self.lang.tag(), name.to_lowercase());
        self.shown.push(Shown {
            name,
            html: html.unwrap(),
        });
    }

    fn shell(&self, visitor: Visitor, path: &str) -> Shell {
        shell(self.lang, self.assets, visitor, path)
    }

    fn storefronts(&mut self) {
        let stranger = self.shell(Visitor::Stranger, "/");
        self.put(
            "storefront-signed-out",
            storefront(&stranger, &states::storefront_view()),
        );
        let buyer = self.shell(Visitor::Buyer, "/");
        self.put("storefront", storefront(&buyer, &states::storefront_view()));

        let mut view = states::storefront_view();
        view.turnstile = Some(Turnstile {
            site_key: "1x0000".into(),
            script_url: "http://localhost:8082/turnstile.js".into(),
            noscript_token: None,
        });
        view.stale_since = Some(when("2026/11/23 09:30"));
        view.products[1].stock = Stock::SoldOut;
        view.products[2].image_url = Some("https://images.example/bag.webp".into());
        view.products[3].image_url = None;
        let mut busy = self.shell(Visitor::Owner, "/");
        busy.notice = Some(Flash {
            tone: Tone::Good,
            text: "登入成功 · Signed in".into(),
        });
        self.put("storefront-busy", storefront(&busy, &view));

        view.products.clear();
        view.methods.clear();
        let mut bare = stranger;
        bare.sandbox = None;
        bare.shop = Arc::new(ShopLook {
            name: "小店".into(),
            contact_email: "a@b.example".into(),
            ..ShopLook::default()
        });
        self.put("storefront-empty", storefront(&bare, &view));
        let buyer = self.shell(Visitor::Buyer, "/checkout");
        self.put("handover", handover(&buyer, &states::handover_view()));
    }

    fn orders(&mut self) {
        let buyer = self.shell(Visitor::Buyer, "/orders/J7K2M9QWXT4R8N");
        for status in OrderStatus::ALL {
            let name = format!("order-{}", status.key());
            self.put(&name, order(&buyer, &states::order_view(status)));
        }
        self.put("order-failed", order(&buyer, &states::failed_order_view()));
        self.put("order-cvs", order(&buyer, &states::cvs_order_view()));
        self.put("receipt", receipt(&buyer, &states::receipt_view(false)));
        self.put(
            "receipt-refunded",
            receipt(&buyer, &states::receipt_view(true)),
        );
        let buyer = self.shell(Visitor::Buyer, "/orders");
        self.put("orders", orders(&buyer, &states::orders_view()));
        self.put("orders-empty", orders(&buyer, &OrdersView::default()));
    }

    fn messages(&mut self) {
        let stranger = self.shell(Visitor::Stranger, "/orders/X");
        for problem in SignInProblem::ALL {
            let view = SignInProblemView {
                problem,
                retry_url: "/auth/google?next=/".into(),
                request_id: Some("r-7Kq2".into()),
            };
            self.put(
                &format!("sign-in-{problem:?}"),
                sign_in_problem(&stranger, &view),
            );
        }
        for problem in Problem::ALL {
            let view = MessageView::of(problem, self.lang).with_request_id("r-7Kq2");
            self.put(&format!("message-{problem:?}"), message(&stranger, &view));
        }
        for topic in Topic::ALL {
            let shell = self.shell(Visitor::Stranger, &format!("/about/{}", topic.slug()));
            let view = ProseView::of(topic, self.lang, &shell.shop, None);
            self.put(&format!("about-{}", topic.slug()), prose(&shell, &view));
        }
    }

    fn back_office(&mut self) {
        let list = self.shell(Visitor::Owner, "/admin");
        let one = self.shell(Visitor::Owner, &format!("/admin/orders/{}", office::ORDER));
        for (suffix, full) in [("", true), ("-empty", false)] {
            let view = office::admin_view(full);
            self.put(&format!("admin{suffix}"), admin_orders(&list, &view));
            let view = office::admin_order_view(full);
            self.put(&format!("admin-order{suffix}"), admin_order(&one, &view));
        }
        for (name, own) in [("admin-refunds", false), ("admin-refunds-own", true)] {
            self.put(name, admin_order(&one, &office::refunds_view(own)));
        }
        let mut stale = office::refunds_view(false);
        stale.sign_in_again = Some(5);
        for payment in &mut stale.payments {
            payment.form = None;
        }
        self.put("admin-order-stale", admin_order(&one, &stale));
        for trouble in office::troubles() {
            let name = format!("admin-trouble-{trouble:?}");
            let name = name.split([' ', '{']).next().unwrap_or_default();
            let view = office::trouble_view(trouble.clone());
            self.put(name, admin_order(&one, &view));
        }
        self.cases();
    }

    fn cases(&mut self) {
        for (at, (code, ..)) in office::CASES.into_iter().enumerate() {
            let shell = self.shell(Visitor::Owner, &format!("/admin/cases/{}", at + 1));
            let view = office::case_view(at);
            let name = format!("admin-case-{}", code.split('.').next_back().unwrap());
            self.put(&name, admin_case(&shell, &view));
            if at == 0 {
                let mut decided = view.clone();
                decided.decision = Some(office::decision());
                self.put("admin-case-decided", admin_case(&shell, &decided));
                let mut stale = view.clone();
                stale.sign_in_again = Some(5);
                self.put("admin-case-stale", admin_case(&shell, &stale));
                let mut failed = view;
                failed.trouble = Some(Trouble::LongReason);
                failed.reason = "查過了，".repeat(75);
                self.put("admin-case-failed", admin_case(&shell, &failed));
                let mut strange = office::case_view(at);
                strange.code = "L9.new".into();
                self.put("admin-case-strange", admin_case(&shell, &strange));
            }
        }
    }
}
