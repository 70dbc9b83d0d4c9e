//! The faults of the specification (§4.3): which of them this engine expresses, and which it leaves to another, and why.

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $text:literal;)*) => {
        /// A fault that this engine expresses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $text] $name,)*
        }

        impl Fault {
            /// Every fault that must have fired in a whole run.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The specification's number, and what it is.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($id, " ", $text),)*
                }
            }
        }
    };
}

faults! {
    F01NoticesLost = "F01", "every notice of a seed is lost";
    F02ReturnOnly = "F02", "the notice is lost, the buyer returns";
    F03ReturnFirst = "F03", "the buyer returns before the notice";
    F04NoticeFirst = "F04", "a notice about an order that is not there (yet)";
    F05Duplicate = "F05", "a notice comes again";
    F06OutOfOrder = "F06", "an older notice comes after a newer one";
    F07LateFailure = "F07", "a failure is told after the payment";
    F08ChargedInSilence = "F08", "the gateway charges and says nothing";
    F09SilentFailure = "F09", "the gateway is silent, and nothing was charged";
    F10Contradiction = "F10", "the answer contradicts the notice";
    F11QueryDown = "F11", "questions get no answer";
    F12BadAnswer = "F12", "the answer is cut, HTML, or sealed with other keys";
    F13RefundAnswerLost = "F13a", "a refund happens, its answer is lost";
    F13RefundNeverArrived = "F13b", "a refund never arrives";
    F14Reversed = "F14", "the gateway takes a refund back";
    F15PartialRefunds = "F15", "partial refunds of one payment";
    F16RefundThenPayment = "F16", "a refund while another payment comes";
    F17ConsoleRefund = "F17", "a refund or void in the gateway's console";
    F18PaidLate = "F18", "paid after the offer ended";
    F19PaidTwice = "F19", "one order is paid twice";
    F20MisPosted = "F20", "a transfer of a wrong sum";
    F21StoreFails = "F21", "the store fails, nothing happened";
    F27AmbiguousCommit = "F27", "the commit happens, its answer is lost";
    F33TwoInstances = "F33", "two instances work on one ledger";
    F34ClocksApart = "F34", "two instances whose clocks differ";
    F35Zombie = "F35", "a worker resumes after its lease was over";
    F38ClockJump = "F38", "the shop's clock jumps";
    F39SheetQuota = "F39", "the sheet says 429";
    F40SheetDown = "F40", "the sheet is down";
    F41SheetAnswerLost = "F41", "the sheet is written, the answer is lost";
    F43TabGone = "F43", "a tab is deleted or renamed";
    F44Sorted = "F44", "a person sorts the sheet";
    F45RowsDeleted = "F45", "a person deletes rows";
    F47Edited = "F47", "a person edits cells of ours, also while a write is under way";
    F48PastedTwice = "F48", "a person pastes a row again";
    F50Poison = "F50", "a delivery fails again and again";
    F59Cancelled = "F59", "a request is dropped half-way";
    F60PriceChanges = "F60", "the price changes after checkout";
    F62Oversell = "F62", "two buyers, one left";
    F63ReconcileTwice = "F63", "two reconcilers ask at once";
    F65BankSilent = "F65", "the bank is silent for a while (status 8)";
    F66Incomplete = "F66", "the answer says that it is not complete";
    F67NumberUsedUp = "F67", "a failed try uses its number up, the order gets another";
    F68StaysPaid = "F68", "after a full refund the trade still says paid";
    F69RefundRefused = "F69", "the gateway refuses a refund that it cannot make";
    Crash = "K", "the process dies before or after a commit";
    Forged = "A", "a forged, reflected or bent message";
    KeysLeaked = "I06", "an authentic message that no gateway sent (leaked keys)";
    LateTaken = "late", "late money is taken by the shop's own rule";
    CalledOff = "desk", "the back office calls an unpaid order off";
    StaleActor = "A53", "a person without role, session or fresh sign-in acts";
}

/// Faults that this engine cannot express, and who does.
pub const ELSEWHERE: &[(&str, &str)] = &[
    (
        "F22, F23",
        "a damaged file or a full disk: engine D works on a real file system",
    ),
    (
        "F24",
        "power loss: engine W rebuilds the disk from what was synced",
    ),
    (
        "F25",
        "restoring a backup is a person's act on files: engine K",
    ),
    (
        "F26, F28-F31",
        "PostgreSQL only, and the store that ships is SQLite",
    ),
    ("F32", "there are no replicas to read from"),
    (
        "F36",
        "two versions of the program are not in one build: engine K",
    ),
    (
        "F37",
        "the shop's settings hold one pair of keys; the key ring is proved in crates/payuni",
    ),
    (
        "F42, F52, F53, F70",
        "signing in and Google's tokens: the journeys in jinliu/tests",
    ),
    (
        "F46",
        "moved and renamed columns: crates/google's own tests and jinliu/tests/sheet",
    ),
    ("F49", "the cell limit of a spreadsheet: out of scale here"),
    (
        "F51",
        "a backlog of 100000 rows is a measure of speed, not of order",
    ),
    (
        "F54, F55, F57, F72",
        "sockets: engine N and crates/edge's own tests",
    ),
    ("F56", "memory pressure: engine K"),
    ("F58", "a panic inside a write: the ledger's own tests"),
    ("F61", "members and products are never deleted by the shop"),
    ("F64", "backup under load: engine K"),
    (
        "F71",
        "one writer for the sheet is a rule of operation; its lease is F35",
    ),
];
