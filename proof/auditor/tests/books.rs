//! The ledger against the other side's books: each lie, loss and slip is named by the check that is meant to see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/ledger.rs"]
mod ledger;

use auditor::{GatewayBooks, SheetRows, Trade, audit_against};
use ledger::Ledger;

/// The gateway's side of the fixture, written apart from it.
fn books() -> GatewayBooks {
    let trade = |name: &str, attempt: &str, paid: bool| Trade {
        trade_no: format!("T-{name}"),
        mer_trade_no: attempt.to_owned(),
        amount: 680,
        paid_at: paid.then(|| "2026-11-23 12:00:00".to_owned()),
        refunded: if name == "BACK" { 680 } else { 0 },
        voided: false,
    };
    let mut trades: Vec<Trade> = ["TOLD", "PAID", "DONE", "TWICE", "LATE", "BACK"]
        .into_iter()
        .map(|name| trade(name, name, true))
        .collect();
    trades.push(trade("SECOND", "TWICE-2", true));
    trades.push(trade("ATM", "ATM", false));
    // Paid with one dollar; the order waits for a person.
    trades.push(Trade {
        amount: 1,
        ..trade("WRONG", "WRONG", true)
    });
    trades.push(Trade {
        amount: 1,
        ..trade("SETTLED", "SETTLED", true)
    });
    GatewayBooks { trades }
}

fn sheet() -> SheetRows {
    let words = [
        ("NEW", "待付款"),
        ("FAILED", "待付款"),
        ("ATM", "待繳費"),
        ("TOLD", "已付款"),
        ("PAID", "已付款"),
        ("DONE", "已完成"),
        ("WRONG", "人工確認中"),
        ("TWICE", "已完成"),
        ("LATE", "人工確認中"),
        ("LAPSED", "已逾期"),
        ("CANCELLED", "已取消"),
        ("BACK", "已退款"),
        ("SETTLED", "待付款"),
    ];
    let mut rows = vec![vec![
        "狀態".to_owned(),
        "訂單編號".to_owned(),
        "金額".to_owned(),
    ]];
    rows.extend(words.map(|(no, label)| vec![label.to_owned(), no.to_owned(), "680".to_owned()]));
    rows
}

fn broken(books: &GatewayBooks, sheet: &SheetRows) -> Vec<&'static str> {
    let ledger = Ledger::sound();
    let report = audit_against(ledger.path(), Some(books), Some(sheet)).unwrap();
    report.broken()
}

#[test]
fn books_that_agree_break_nothing() {
    assert_eq!(broken(&books(), &sheet()), [] as [&str; 0]);
}

#[test]
fn each_difference_is_named() {
    type Change = fn(&mut GatewayBooks, &mut SheetRows);
    let changes: [(&str, Change, &[&str]); 9] = [
        (
            "a payment that was lost",
            |books, _| {
                let lost = Trade {
                    trade_no: "T-LOST".into(),
                    ..books.trades[0].clone()
                };
                books.trades.push(lost);
            },
            &["books.captured", "books.sum"],
        ),
        (
            "a payment that was invented",
            |books, _| books.trades.retain(|trade| trade.trade_no != "T-DONE"),
            &["books.invented", "books.sum"],
        ),
        (
            "a payment of another amount",
            |books, _| books.trades[2].amount = 679,
            &["books.captured", "books.invented", "books.sum"],
        ),
        (
            "one that was never paid",
            |books, _| books.trades[2].paid_at = None,
            &["books.invented", "books.sum"],
        ),
        (
            "a refund behind the ledger's back",
            |books, _| books.trades[2].refunded = 5,
            &["books.refunded"],
        ),
        (
            "a refund that never arrived",
            |books, _| books.trades[5].refunded = 480,
            &["books.refunded"],
        ),
        (
            "a void behind the ledger's back",
            |books, _| books.trades[2].voided = true,
            &["books.refunded"],
        ),
        (
            "an order twice in the sheet",
            |_, sheet| {
                let twice = sheet[1].clone();
                sheet.push(twice);
            },
            &["books.sheet"],
        ),
        (
            "a status by hand",
            |_, sheet| sheet[1][0] = "已付款".into(),
            &["books.sheet"],
        ),
    ];
    for (what, change, names) in changes {
        let (mut books, mut sheet) = (books(), sheet());
        change(&mut books, &mut sheet);
        assert_eq!(broken(&books, &sheet), names, "{what}");
    }
}
