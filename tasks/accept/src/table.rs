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
pub(crate) const TASKS: [Task; 6] = [
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
];
