//! Somebody in front of a browser, in a world of their own, with verbs instead of selectors.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use thirtyfour::{Key, prelude::ElementQueryable};

use crate::{
    browser::{Browser, Colours, Screen},
    shopper::Town,
};

/// The documented test card that is authorised.
pub(crate) const GOOD_CARD: &str = "4147631000000001";
/// The documented test card whose 3D answer does not fit, so that its authorisation is voided.
pub(crate) const MISMATCHED_CARD: &str = "4147631000000002";

/// A world, and one person's browser in it.
pub(crate) struct Visit {
    pub(crate) town: Town,
    pub(crate) browser: Browser,
}

impl Visit {
    /// The demo's world, and a browser at the storefront.
    pub(crate) async fn new() -> Result<Self> {
        Self::of(Town::new().await).await
    }

    /// A world whose `jinliu.toml` reads like this, and a browser at the storefront.
    pub(crate) async fn with_shop_file(text: &str) -> Result<Self> {
        let write = |folder: &Path| std::fs::write(folder.join("jinliu.toml"), text);
        let mut written = Ok(());
        let town = Town::planned(|plan| written = write(&plan.dir)).await;
        written?;
        Self::of(town).await
    }

    /// A world in which this book is read, and a browser at the storefront.
    pub(crate) async fn with_book(book: learn::Files) -> Result<Self> {
        Self::of(Town::planned(|plan| plan.book = Some(book)).await).await
    }

    /// A browser at the storefront of a world.
    pub(crate) async fn of(town: Town) -> Result<Self> {
        let browser = Browser::open().await?;
        let visit = Self { town, browser };
        visit.shop("/").await?;
        Ok(visit)
    }

    /// Opens one of the shop's pages.
    pub(crate) async fn shop(&self, path: &str) -> Result<()> {
        self.browser.go(&self.town.shop(path)).await
    }

    /// Signs in from the header of whatever page is open.
    pub(crate) async fn sign_in(&self, account: &str) -> Result<()> {
        self.browser.click("header .button").await?;
        self.choose(account).await?;
        self.browser.see("header .member").await?;
        Ok(())
    }

    /// Picks an account at Google.
    pub(crate) async fn choose(&self, account: &str) -> Result<()> {
        self.browser.see("#chooser").await?;
        self.browser.click(&format!("#account-{account}")).await
    }

    /// Presses a product's buy button at once: the page itself waits for its bot check's token.
    pub(crate) async fn buy(&self, product: &str) -> Result<()> {
        self.shop("/").await?;
        self.browser.click(&buy_button(product)).await
    }

    /// Waits until the bot check of a product's form has its token.
    pub(crate) async fn checked(&self, product: &str) -> Result<()> {
        let script = format!(
            "const form = document.querySelector('input[name=product_id][value={product}]').form;
             const token = form.querySelector('[name=cf-turnstile-response]');
             return Boolean(token && token.value)"
        );
        self.browser
            .until("the bot check has its token", async || {
                self.ask(&script).await?.as_bool().context("no answer")
            })
            .await
    }

    /// Buys one, and is taken to PAYUNi's page. Gives the order's number.
    pub(crate) async fn goes_to_pay(&self, product: &str) -> Result<String> {
        self.buy(product).await?;
        self.at_payuni().await
    }

    /// Is on PAYUNi's page, choosing how to pay. Gives the number that PAYUNi knows the order by.
    pub(crate) async fn at_payuni(&self) -> Result<String> {
        self.browser.see("#upp[data-stage=choosing]").await?;
        Ok(self.browser.see("#order-no").await?.text().await?)
    }

    /// Unfolds a way to pay and presses its button.
    pub(crate) async fn pays_by(&self, method: &str) -> Result<()> {
        self.browser
            .click(&format!("#method-{method} summary"))
            .await?;
        self.browser.click(&format!("#submit-{method}")).await
    }

    /// Fills in a card and sends it.
    pub(crate) async fn pays_by_card(&self, number: &str, cvc: &str) -> Result<()> {
        self.browser.fill("#credit-number", number).await?;
        self.browser.fill("#credit-expiry", "12/30").await?;
        self.browser.fill("#credit-cvc", cvc).await?;
        self.browser.click("#submit-credit").await
    }

    /// Is back on an order's page.
    pub(crate) async fn at_order(&self, no: &str) -> Result<()> {
        self.browser.arrive(&format!("/orders/{no}")).await?;
        self.browser.see("main.order").await?;
        Ok(())
    }

    /// Waits until the open page calls the order this.
    pub(crate) async fn order_is(&self, status: &str) -> Result<()> {
        self.browser
            .until(&format!("the order's page says {status}"), async || {
                let script = "return document.querySelector('main.order h1')?.innerText ?? ''";
                Ok(self.ask(script).await?.as_str() == Some(status))
            })
            .await
    }

    /// Marks the open page, and takes away the timer with which it would look by itself: what changes from now on and
    /// keeps the mark, changed because the shop sent an event.
    pub(crate) async fn rely_on_events(&self) -> Result<()> {
        self.ask("window.notReloaded = true; for (let i = 0; i < 9999; i++) clearInterval(i)")
            .await?;
        Ok(())
    }

    /// The page that was marked is still the same document.
    pub(crate) async fn was_not_reloaded(&self) -> Result<()> {
        let kept = self.ask("return window.notReloaded === true").await?;
        ensure!(kept == json!(true), "the page was loaded anew");
        Ok(())
    }

    /// Presses keys as a person without a mouse does.
    pub(crate) async fn press(&self, keys: impl Into<thirtyfour::TypingData>) -> Result<()> {
        let chain = self.browser.page().action_chain();
        Ok(chain.send_keys(keys).perform().await?)
    }

    /// Presses Tab until the element with this id has the focus.
    pub(crate) async fn tab_to(&self, id: &str) -> Result<()> {
        for _ in 0..30 {
            self.press(Key::Tab).await?;
            if self.ask("return document.activeElement?.id ?? ''").await? == json!(id) {
                return Ok(());
            }
        }
        anyhow::bail!("thirty times Tab did not lead to #{id}")
    }

    /// What a script of the test's own finds on the page.
    pub(crate) async fn ask(&self, script: &str) -> Result<Value> {
        let answer = self.browser.page().execute(script, Vec::new()).await?;
        Ok(answer.json().clone())
    }

    /// Takes the page's pictures: phone and desktop, light and dark. Every image on it must have loaded.
    pub(crate) async fn look(&self, name: &str) -> Result<()> {
        self.browser
            .until("every picture has loaded", async || {
                let script = "const all = [...document.images];
                    for (const image of all) image.loading = 'eager';
                    return all.every((image) => image.complete && image.naturalWidth > 0)";
                Ok(self.ask(script).await? == json!(true))
            })
            .await?;
        for (colours, suffix) in [(Colours::Dark, "-dark"), (Colours::Light, "")] {
            self.browser.prefer(colours).await?;
            for screen in [Screen::Phone, Screen::Desktop] {
                self.browser
                    .screenshot(&format!("{name}{suffix}"), screen)
                    .await?;
            }
        }
        Ok(())
    }

    /// Nothing on the way here was refused by a policy, missing or broken.
    pub(crate) async fn no_complaints(&self) -> Result<()> {
        let complaints = self.browser.complaints().await?;
        ensure!(
            complaints.is_empty(),
            "the browser complained: {complaints:#?}"
        );
        Ok(())
    }

    /// The page just opened answered with this status, and the browser complained of nothing else.
    pub(crate) async fn complained_only_of(&self, status: u16) -> Result<()> {
        let complaints = self.browser.complaints().await?;
        let words = format!("responded with a status of {status}");
        let other: Vec<_> = complaints
            .iter()
            .filter(|one| !one.contains(&words))
            .collect();
        ensure!(other.is_empty(), "the browser complained: {other:#?}");
        ensure!(
            !complaints.is_empty(),
            "the page did not answer with {status}"
        );
        Ok(())
    }

    /// Has something done to an order's trade at PAYUNi: `resend` its notice, `expire` its number, `refund` …
    pub(crate) async fn at_the_counter(&self, no: &str, deed: &str) -> Result<()> {
        let state = self.town.look(self.town.payuni("/_sandbox/state")).await;
        let trades = state["trades"].as_array().context("no trades")?;
        let trade = trades
            .iter()
            .find(|trade| trade["mer_trade_no"] == no)
            .with_context(|| format!("PAYUNi has no trade of {no}"))?;
        let trade_no = trade["trade_no"].as_str().context("no number")?;
        let url = format!("/_sandbox/trades/{trade_no}/{deed}");
        self.town.control(self.town.payuni(&url), json!({})).await;
        Ok(())
    }

    /// Switches all of PAYUNi's faults off.
    pub(crate) async fn without_faults(&self) -> Result<()> {
        let url = self.town.payuni("/_sandbox/faults");
        let answer = self.town.outside.delete(url).send().await?;
        answer.error_for_status()?;
        Ok(())
    }

    /// Whether something is shown.
    pub(crate) async fn shows(&self, css: &str) -> Result<bool> {
        let found = self.browser.page().query(thirtyfour::By::Css(css));
        Ok(found.nowait().exists().await?)
    }

    /// Ends the visit: nothing to complain about, everything stopped.
    pub(crate) async fn end(self) -> Result<()> {
        self.no_complaints().await?;
        self.browser.close().await?;
        self.town.world.stop().await
    }
}

/// The button that buys a product.
pub(crate) fn buy_button(product: &str) -> String {
    format!("form.buy:has(input[name=product_id][value={product}]) button")
}
