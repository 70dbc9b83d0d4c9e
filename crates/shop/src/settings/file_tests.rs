//! The files: `.env`, `jinliu.toml` and the ledger's, seen from outside.

use std::collections::BTreeSet;

use tempfile::TempDir;

use super::tests::*;
use super::*;

#[test]
fn the_environment_wins_over_the_file() {
    let dir = TempDir::new().unwrap();
    std::fs::write(
        dir.path().join(".env"),
        "\u{feff}PAYUNI_MERCHANT_ID=FROMFILE\nPUBLIC_URL='https://file.example.tw'\nPAYUNI_HASHKEY=x\n",
    )
    .unwrap();
    let mut variables = production();
    variables.remove("PAYUNI_MERCHANT_ID");
    let settings = read(Mode::Serve, &variables, dir.path()).unwrap();
    assert_eq!(settings.payuni.merchant_id, "FROMFILE");
    assert_eq!(settings.public_url.origin(), "https://shop.example.tw");
    assert!(
        settings
            .notes
            .iter()
            .any(|note| note.contains("PAYUNI_HASHKEY"))
    );
    assert!(
        std::env::var("PAYUNI_MERCHANT_ID").is_err(),
        "the process's environment is left alone"
    );
}

#[test]
fn a_bad_line_of_the_file_is_named_by_number_only() {
    let dir = TempDir::new().unwrap();
    std::fs::write(
        dir.path().join(".env"),
        "BIND=127.0.0.1:0\n\nSESSION SECRET = hunter2hunter2\n",
    )
    .unwrap();
    let faults = read(Mode::Serve, &production(), dir.path()).unwrap_err();
    assert!(faults.names(".env 第 3 行"), "{faults}");
    assert!(!faults.to_string().contains("hunter2"));
    std::fs::write(
        dir.path().join(".env"),
        "BIND=127.0.0.1:0\nBIND=127.0.0.1:1\n",
    )
    .unwrap();
    assert!(
        read(Mode::Serve, &production(), dir.path())
            .unwrap_err()
            .names("BIND")
    );
}

#[test]
fn the_example_names_every_variable_and_no_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join(".env.example")).unwrap();
    let named: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split_once('=').unwrap().0)
        .collect();
    assert_eq!(named, VARIABLES);
    // Copied as it is, it names what is missing and nothing else.
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join(".env"), &text).unwrap();
    let faults = read(Mode::Serve, &Variables::new(), dir.path()).unwrap_err();
    assert_eq!(faults.iter().count(), 8, "{faults}");
    assert!(
        faults
            .iter()
            .all(|fault| fault.english.ends_with("is not set."))
    );
    let shop = std::fs::read_to_string(root.join(SHOP_FILE)).unwrap();
    ShopFile::parse(&shop).unwrap();
}

#[test]
fn a_shop_file_overrides_line_by_line() {
    let shop = ShopFile::parse(
        "[shop]\nname = \"小鋪\"\n[payment]\ncvs = false\n[limits]\norder_minutes = 15\n\
         [reconcile]\nwaits_seconds = [5, 10]\n\
         [[product]]\nid = \"a-1\"\nname = \"甲\"\nprice = 1_000\nstock = 0\n",
    )
    .unwrap();
    let built_in = ShopFile::built_in().unwrap();
    assert_eq!(shop.shop.name, "小鋪");
    assert_eq!(shop.shop.email, built_in.shop.email);
    assert_eq!(shop.texts, built_in.texts);
    assert!(!shop.payment.cvs && shop.payment.card);
    assert_eq!(shop.limits.order_life.as_secs(), 900);
    assert_eq!(
        shop.reconcile
            .waits
            .iter()
            .map(std::time::Duration::as_secs)
            .collect::<Vec<_>>(),
        [5, 10]
    );
    assert_eq!(shop.products.len(), 1);
    assert_eq!(shop.products[0].price, 1000);
    assert!(shop.products[0].active);
    assert!(ShopFile::parse("").unwrap().products.is_empty());
}

#[test]
fn every_fault_of_a_shop_file_is_told_with_its_line() {
    let text = "[shop]\nname = \"\"\nnmae = \"x\"\ntax_id = \"123\"\n[look]\naccent = \"red\"\n\
                [payment]\ncard = \"yes\"\n[limits]\ncvs_days = 8\n[reconcile]\nwaits_seconds = [10, 5]\n\
                [[product]]\nid = \"A\"\nname = \"甲\"\nprice = 0\nstock = 1\n\
                [[product]]\nid = \"b\"\nname = \"乙\"\nprice = 200000\nstock = 1\ncolour = \"x\"\n\
                [[product]]\nid = \"c\"\nname = \"丙\"\nprice = 1.5\nimage = \"../x\"\nstock = -1\n\
                [[product]]\nname = \"丁\"\nprice = 5\nstock = 1\n\
                [shopp]\n";
    let faults = ShopFile::parse(text).unwrap_err();
    let names: BTreeSet<_> = faults
        .iter()
        .map(|fault| fault.name.trim_start_matches("jinliu.toml ").to_owned())
        .collect();
    let expected = [
        "第 2 行 shop.name",
        "第 3 行 shop.nmae",
        "第 4 行 shop.tax_id",
        "第 6 行 look.accent",
        "第 8 行 payment.card",
        "第 10 行 limits.cvs_days",
        "第 12 行 reconcile.waits_seconds",
        "第 14 行 product.id",
        "第 16 行 product.price",
        "第 21 行 product.price",
        "第 23 行 product.colour",
        "第 27 行 product.price",
        "第 28 行 product.image",
        "第 29 行 product.stock",
        "第 30 行 product.id",
        "第 34 行 shopp",
    ];
    assert_eq!(names, expected.map(str::to_owned).into());
}

#[test]
fn two_products_with_one_id_and_no_way_to_pay() {
    let product = "[[product]]\nid = \"a\"\nname = \"甲\"\nprice = 1\nstock = 1\n";
    let text = format!(
        "[payment]\ncard = false\natm = false\ncvs = false\nline_pay = false\n{product}{product}"
    );
    let faults = ShopFile::parse(&text).unwrap_err();
    assert!(faults.names("jinliu.toml 第 12 行 product.id"), "{faults}");
    assert!(faults.names("jinliu.toml 第 1 行 payment"), "{faults}");
    let faults = ShopFile::parse("[look]\naccent = \"#eeeeee\"\n").unwrap_err();
    assert!(faults.names("jinliu.toml 第 1 行 look"), "{faults}");
    let faults = ShopFile::parse("[shop]\nname = x\n[look\n").unwrap_err();
    assert!(
        faults.iter().any(|fault| fault.name.contains("第 2 行")),
        "{faults}"
    );
    assert!(
        faults.iter().any(|fault| fault.name.contains("第 3 行")),
        "{faults}"
    );
}

#[test]
fn the_shop_file_at_the_root_is_one_that_opens_a_shop() {
    let ours = ShopFile::parse(include_str!("../../../../jinliu.toml")).unwrap();
    assert!(!ours.shop.name.is_empty() && !ours.products.is_empty());
}

#[test]
fn databases() {
    for value in [
        "postgres://u:pw@localhost/db",
        "mysql://localhost",
        "sqlite://",
        "sqlite://:memory:",
        "sqlite://a.db?mode=rwc",
        "jinliu.db",
    ] {
        refused("DATABASE_URL", value);
    }
    let message = serve_with(&[("DATABASE_URL", "postgres://u:pw@db/x")])
        .unwrap_err()
        .to_string();
    assert!(message.contains("PostgreSQL is not built yet") && !message.contains("pw@"));
    let settings = serve_with(&[("DATABASE_URL", "sqlite:///var/lib/jinliu/l.db")]).unwrap();
    assert_eq!(
        settings.database,
        Database::Sqlite("/var/lib/jinliu/l.db".into())
    );
    let dir = TempDir::new().unwrap();
    let database = Settings::database(&|_| None, dir.path()).unwrap();
    assert_eq!(
        database,
        Database::Sqlite(dir.path().join("data/jinliu.db"))
    );
}

#[test]
fn what_becomes_of_late_money_is_one_of_two_words() {
    let dir = TempDir::new().unwrap();
    let set = |text: &str| {
        std::fs::write(dir.path().join("jinliu.toml"), text).unwrap();
        read(Mode::Serve, &production(), dir.path())
    };
    assert_eq!(set("").unwrap().shop.late, LatePayments::Review);
    let accept = set("[late]\npayments = \"accept\"\n").unwrap();
    assert_eq!(accept.shop.late, LatePayments::Accept);
    for wrong in ["\"yes\"", "true", "\"Accept\""] {
        let faults = set(&format!("[late]\npayments = {wrong}\n")).unwrap_err();
        assert!(
            faults.to_string().contains("第 2 行 late.payments"),
            "{wrong}: {faults}"
        );
    }
}
