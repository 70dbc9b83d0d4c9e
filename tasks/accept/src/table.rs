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

/// All tasks, in their order.
pub(crate) const TASKS: [Task; 1] = [Task {
    number: 1,
    folder: "01-product-origin",
    title: "替商品加一個欄位：產地，從頁面、訂單走到試算表",
}];
