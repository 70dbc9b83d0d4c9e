//! The tasks by number.

/// A task.
pub(crate) struct Task {
    /// Its number.
    pub(crate) number: u8,
    /// Its folder below `tasks/`.
    pub(crate) folder: &'static str,
    /// What it is, in a few words.
    pub(crate) title: &'static str,
}

const fn task(number: u8, folder: &'static str, title: &'static str) -> Task {
    Task {
        number,
        folder,
        title,
    }
}

/// All tasks, in their order.
pub(crate) const TASKS: [Task; 12] = [
    task(1, "01-product-origin", "替商品加一個欄位：產地"),
    task(2, "02-brand", "換上自己的店名、商標與顏色"),
    task(3, "03-mail-when-paid", "付款成功就寄信給買家"),
    task(4, "04-jko-pay", "加一種付款方式：街口支付"),
    task(
        5,
        "05-refund-reason",
        "退款原因加一種「商品瑕疵」，規則不一樣",
    ),
    task(6, "06-open-orders", "限制每位會員同時幾張沒付款的訂單"),
    task(
        7,
        "07-rotate-keys",
        "換金鑰：一則通知都不漏，也看得見換完了沒",
    ),
    task(8, "08-logistics-hook", "付款確認後，通知物流出貨"),
    task(9, "09-second-gateway", "第二家金流的骨架"),
    task(10, "10-report-tab", "試算表多一頁：日報"),
    task(11, "11-policy-page", "多一頁政策：消費爭議處理"),
    task(12, "12-behind-a-proxy", "放到反向代理後面"),
];
