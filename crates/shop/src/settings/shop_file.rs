//! `jinliu.toml`: what is not secret. The shop's name, texts and look, its payment methods, limits and catalogue.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use super::explorer_rules::ExplorerRules;
use super::faults::Faults;
use super::late_rules::LatePayments;
use super::refund_rules::RefundRules;
use super::section::{Section, document};

/// The file's name, in the working folder.
pub const FILE: &str = "jinliu.toml";

/// The demo's own `jinliu.toml`: the values that hold where the file, or a line of it, is missing.
pub const BUILT_IN: &str = include_str!("demo.toml");

/// Everything that `jinliu.toml` says, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopFile {
    /// Who sells.
    pub shop: ShopInfo,
    /// What the law and the gateway's merchant review want to be readable.
    pub texts: Texts,
    /// Colours.
    pub look: Look,
    /// Which ways to pay are offered.
    pub payment: PaymentMethods,
    /// How often, how long, how much.
    pub limits: Limits,
    /// When an unfinished order is asked about.
    pub reconcile: Reconcile,
    /// How money may be given back.
    pub refunds: RefundRules,
    /// What is kept for the flow explorer.
    pub explorer: ExplorerRules,
    /// What becomes of money that comes too late.
    pub late: LatePayments,
    /// The catalogue, for a shop without a sheet and for filling a new one.
    pub products: Vec<Product>,
}

/// Who sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopInfo {
    /// The shop's name, also on the gateway's page.
    pub name: String,
    /// One line under the name; may be empty.
    pub tagline: String,
    /// A sentence or two on the front page; may be empty.
    pub intro: String,
    /// The seller's registered name; may be empty.
    pub company: String,
    /// 統一編號 (eight digits), or empty.
    pub tax_id: String,
    /// Where customers write to.
    pub email: String,
    /// Telephone; may be empty.
    pub phone: String,
    /// Opening hours of the customer service; may be empty.
    pub hours: String,
    /// Postal address; may be empty.
    pub address: String,
}

/// Texts shown on pages of their own. Plain text; an empty line begins a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// 服務條款
    pub terms: String,
    /// 退換貨政策
    pub refund: String,
    /// 隱私權政策
    pub privacy: String,
    /// 出貨說明
    pub delivery: String,
}

/// Colours, `#rrggbb`, each readable on its background (WCAG 2.2 AA). Pictures are files in `brand/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The accent colour in light mode.
    pub accent: String,
    /// The accent colour in dark mode.
    pub accent_dark: String,
    /// The page in light mode.
    pub paper: String,
    /// The page in dark mode.
    pub paper_dark: String,
}

/// Which ways to pay are offered. At least one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, named in the file"
)]
pub struct PaymentMethods {
    /// 信用卡
    pub card: bool,
    /// ATM 轉帳 (a virtual account)
    pub atm: bool,
    /// 超商代碼
    pub cvs: bool,
    /// LINE Pay
    pub line_pay: bool,
}

/// How often, how long, how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Checkouts of one member in a minute.
    pub checkout_per_minute: u32,
    /// How long an unpaid order without a payment number lives.
    pub order_life: Duration,
    /// Days until an ATM number expires: 0..=180 (PAYUNi's documentation of `ExpireDate`).
    pub atm_days: u16,
    /// Days until a convenience store number expires: 0..=7 (PAYUNi's documentation of `ExpireDate`).
    pub cvs_days: u16,
    /// The most of one product in one order.
    pub quantity_max: u32,
}

/// When an unfinished order is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconcile {
    /// The wait before the first, second, … question. The last one repeats. Never empty.
    pub waits: Vec<Duration>,
}

/// One thing to buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// `[a-z0-9-]{1,40}`, unique.
    pub id: String,
    /// Name, up to 60 characters.
    pub name: String,
    /// Up to 400 characters; may be empty.
    pub description: String,
    /// Whole New Taiwan dollars, 1..=199999.
    pub price: u32,
    /// A path on this site, or an `https` address; may be empty.
    pub image: String,
    /// How many there are.
    pub stock: u32,
    /// Whether it is offered.
    pub active: bool,
}

impl Look {
    /// The colours as the pages take them.
    #[must_use]
    pub fn brand(&self) -> pages::BrandSpec {
        pages::BrandSpec {
            accent: Some(self.accent.clone()),
            accent_dark: Some(self.accent_dark.clone()),
            paper: Some(self.paper.clone()),
            paper_dark: Some(self.paper_dark.clone()),
        }
    }
}

impl ShopFile {
    /// The built-in demo shop.
    ///
    /// # Errors
    /// Never in a released build: a test parses it.
    pub fn built_in() -> Result<Self, Faults> {
        // Read once: every other file is laid over it.
        static READ: LazyLock<Result<ShopFile, Faults>> = LazyLock::new(|| {
            let mut faults = Faults::default();
            let shop = parse(BUILT_IN, None, &mut faults);
            faults.or(shop)
        });
        READ.clone()
    }

    /// Parses the text of a `jinliu.toml`. A missing line takes the built-in value; a missing catalogue is an empty
    /// one, since nobody wants to sell our tea.
    ///
    /// # Errors
    /// Everything that is wrong, with line numbers.
    pub fn parse(text: &str) -> Result<Self, Faults> {
        let base = Self::built_in()?;
        let mut faults = Faults::default();
        let shop = parse(text, Some(&base), &mut faults);
        faults.or(shop)
    }

    /// Reads `jinliu.toml` in `dir`; the built-in shop where there is no such file. Says whether there was one.
    pub(super) fn read(dir: &Path) -> Result<(Self, bool), Faults> {
        match std::fs::read_to_string(dir.join(FILE)) {
            Ok(text) => Ok((Self::parse(&text)?, true)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok((Self::built_in()?, false)),
            Err(error) => {
                let mut faults = Faults::default();
                faults.add(
                    FILE,
                    format!("檔案讀不到（{}）", error.kind()),
                    "確認檔案是 UTF-8 編碼，而且執行的帳號有讀取權限",
                    "The file cannot be read as UTF-8 text.",
                );
                Err(faults)
            }
        }
    }
}

fn parse(text: &str, base: Option<&ShopFile>, faults: &mut Faults) -> Option<ShopFile> {
    let mut root = document(text.strip_prefix('\u{feff}').unwrap_or(text), faults)?;
    let mut table = root.table("shop", faults);
    let shop = shop_info(&mut table, base.map(|base| &base.shop), faults);
    table.finish(faults);
    let mut table = root.table("texts", faults);
    let texts = texts(&mut table, base.map(|base| &base.texts), faults);
    table.finish(faults);
    let mut table = root.table("look", faults);
    let look = look(&mut table, base.map(|base| &base.look), faults);
    table.finish(faults);
    let mut table = root.table("payment", faults);
    let payment = payment(&mut table, base.map(|base| &base.payment), faults);
    table.finish(faults);
    let mut table = root.table("limits", faults);
    let limits = limits(&mut table, base.map(|base| &base.limits), faults);
    table.finish(faults);
    let mut table = root.table("reconcile", faults);
    let reconcile = reconcile(&mut table, base.map(|base| &base.reconcile), faults);
    table.finish(faults);
    let mut table = root.table("refunds", faults);
    let refunds = RefundRules::read(&mut table, base.map(|base| &base.refunds), faults);
    table.finish(faults);
    let mut table = root.table("explorer", faults);
    let explorer = ExplorerRules::read(&mut table, base.map(|base| &base.explorer), faults);
    table.finish(faults);
    let mut table = root.table("late", faults);
    let late = LatePayments::read(&mut table, base.map(|base| &base.late), faults);
    table.finish(faults);

    let mut products: Vec<Product> = Vec::new();
    for mut table in root.tables("product", faults) {
        let line = table.line_of("id");
        if let Some(product) = product(&mut table, faults) {
            if products.iter().any(|other| other.id == product.id) {
                faults.add(
                    format!("{FILE} 第 {line} 行 product.id"),
                    format!("商品代號「{}」用了兩次", product.id),
                    "每個商品的 id 都要不一樣",
                    format!("The product id {:?} is used twice.", product.id),
                );
            }
            products.push(product);
        }
        table.finish(faults);
    }
    root.finish(faults);

    Some(ShopFile {
        shop: shop?,
        texts: texts?,
        look: look?,
        payment: payment?,
        limits: limits?,
        refunds: refunds?,
        explorer: explorer?,
        late: late?,
        reconcile: reconcile?,
        products,
    })
}

fn shop_info(s: &mut Section<'_>, base: Option<&ShopInfo>, f: &mut Faults) -> Option<ShopInfo> {
    let name = s.text("name", 1..=40, base.map(|b| &*b.name), f);
    let tagline = s.text("tagline", 0..=80, base.map(|b| &*b.tagline), f);
    let intro = s.text("intro", 0..=300, base.map(|b| &*b.intro), f);
    let company = s.text("company", 0..=80, base.map(|b| &*b.company), f);
    let tax_id = s.checked(
        "tax_id",
        base.map(|b| &*b.tax_id),
        f,
        is_tax_id,
        "統一編號是 8 個數字",
    );
    let email = s.checked(
        "email",
        base.map(|b| &*b.email),
        f,
        super::values::is_email,
        "要是電子郵件地址",
    );
    let phone = s.text("phone", 0..=40, base.map(|b| &*b.phone), f);
    let hours = s.text("hours", 0..=80, base.map(|b| &*b.hours), f);
    let address = s.text("address", 0..=120, base.map(|b| &*b.address), f);
    Some(ShopInfo {
        name: name?,
        tagline: tagline?,
        intro: intro?,
        company: company?,
        tax_id: tax_id?,
        email: email?,
        phone: phone?,
        hours: hours?,
        address: address?,
    })
}

fn texts(s: &mut Section<'_>, base: Option<&Texts>, f: &mut Faults) -> Option<Texts> {
    let terms = s.text("terms", 1..=20_000, base.map(|b| &*b.terms), f);
    let refund = s.text("refund", 1..=20_000, base.map(|b| &*b.refund), f);
    let privacy = s.text("privacy", 1..=20_000, base.map(|b| &*b.privacy), f);
    let delivery = s.text("delivery", 1..=20_000, base.map(|b| &*b.delivery), f);
    Some(Texts {
        terms: terms?,
        refund: refund?,
        privacy: privacy?,
        delivery: delivery?,
    })
}

fn look(s: &mut Section<'_>, base: Option<&Look>, f: &mut Faults) -> Option<Look> {
    let says = "顏色要寫成 #rrggbb，例如 #28409c";
    let accent = s.checked("accent", base.map(|b| &*b.accent), f, is_colour, says);
    let accent_dark = s.checked(
        "accent_dark",
        base.map(|b| &*b.accent_dark),
        f,
        is_colour,
        says,
    );
    let paper = s.checked("paper", base.map(|b| &*b.paper), f, is_colour, says);
    let paper_dark = s.checked(
        "paper_dark",
        base.map(|b| &*b.paper_dark),
        f,
        is_colour,
        says,
    );
    let look = Look {
        accent: accent?,
        accent_dark: accent_dark?,
        paper: paper?,
        paper_dark: paper_dark?,
    };
    if let Err(fault) = pages::Brand::parse(&look.brand()) {
        f.add(
            format!("{FILE} 第 {} 行 look", s.line()),
            "顏色的對比不夠，客人看不清楚",
            "淺色模式用深一點的主色，深色模式用亮一點的主色；下一行英文說的是哪一個",
            fault.to_string().replace("brand.", "look."),
        );
    }
    Some(look)
}

fn payment(
    s: &mut Section<'_>,
    base: Option<&PaymentMethods>,
    f: &mut Faults,
) -> Option<PaymentMethods> {
    let line = s.line();
    let card = s.switch("card", base.map(|b| b.card), f);
    let atm = s.switch("atm", base.map(|b| b.atm), f);
    let cvs = s.switch("cvs", base.map(|b| b.cvs), f);
    let line_pay = s.switch("line_pay", base.map(|b| b.line_pay), f);
    let methods = PaymentMethods {
        card: card?,
        atm: atm?,
        cvs: cvs?,
        line_pay: line_pay?,
    };
    if !(methods.card || methods.atm || methods.cvs || methods.line_pay) {
        f.add(
            format!("{FILE} 第 {line} 行 payment"),
            "所有付款方式都關掉了，客人沒辦法付款",
            "至少把一種改成 true",
            "Every payment method is off.",
        );
    }
    Some(methods)
}

fn limits(s: &mut Section<'_>, base: Option<&Limits>, f: &mut Faults) -> Option<Limits> {
    let checkout = s.whole(
        "checkout_per_minute",
        1..=600,
        base.map(|b| b.checkout_per_minute),
        f,
    );
    let minutes = base.map(|b| u32::try_from(b.order_life.as_secs() / 60).unwrap_or(u32::MAX));
    let order_minutes = s.whole("order_minutes", 5..=1440, minutes, f);
    let atm_days = s.whole("atm_days", 0..=180, base.map(|b| u32::from(b.atm_days)), f);
    let cvs_days = s.whole("cvs_days", 0..=7, base.map(|b| u32::from(b.cvs_days)), f);
    let quantity_max = s.whole("quantity_max", 1..=1000, base.map(|b| b.quantity_max), f);
    Some(Limits {
        checkout_per_minute: checkout?,
        order_life: Duration::from_secs(u64::from(order_minutes?) * 60),
        atm_days: u16::try_from(atm_days?).ok()?,
        cvs_days: u16::try_from(cvs_days?).ok()?,
        quantity_max: quantity_max?,
    })
}

fn reconcile(s: &mut Section<'_>, base: Option<&Reconcile>, f: &mut Faults) -> Option<Reconcile> {
    let line = s.line_of("waits_seconds");
    let waits = match s.wholes("waits_seconds", 1..=86_400, f) {
        None => base?.waits.clone(),
        Some(seconds) => seconds
            .into_iter()
            .map(|s| Duration::from_secs(u64::from(s)))
            .collect(),
    };
    if waits.is_empty() || waits.len() > 20 || !waits.is_sorted() {
        f.add(
            format!("{FILE} 第 {line} 行 reconcile.waits_seconds"),
            "要有 1 到 20 個數字，由小到大",
            "寫成 [20, 60, 300, 1800]",
            "Needs 1 to 20 numbers in ascending order.",
        );
    }
    Some(Reconcile { waits })
}

fn product(s: &mut Section<'_>, f: &mut Faults) -> Option<Product> {
    let id = s.checked(
        "id",
        None,
        f,
        is_product_id,
        "只能用小寫英文、數字和 -，1 到 40 個字",
    );
    let name = s.text("name", 1..=60, None, f);
    let description = s.text("description", 0..=400, Some(""), f);
    let price = s.whole("price", 1..=199_999, None, f);
    let image = s.checked(
        "image",
        Some(""),
        f,
        is_image,
        "要是本站的路徑（/assets/…）或 https 網址",
    );
    let stock = s.whole("stock", 0..=1_000_000, None, f);
    let active = s.switch("active", Some(true), f);
    Some(Product {
        id: id?,
        name: name?,
        description: description?,
        price: price?,
        image: image?,
        stock: stock?,
        active: active?,
    })
}

fn is_product_id(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_tax_id(text: &str) -> bool {
    text.is_empty() || (text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()))
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `/assets/demo/tea.svg`: begins with one slash, no `..`, nothing that would need escaping in a style or an attribute.
fn is_site_path(text: &str) -> bool {
    text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains("..")
        && text.len() <= 200
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
}

fn is_image(text: &str) -> bool {
    text.is_empty()
        || is_site_path(text)
        || (text.len() <= 500
            && url::Url::parse(text).is_ok_and(|url| {
                url.scheme() == "https" && url.host().is_some() && url.username().is_empty()
            }))
}
