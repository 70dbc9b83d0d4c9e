//! What is wrong with the sheet, in the owner's words, for the back office.

use super::sheet::RoundError;
use google::sheets::SheetsError;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// What is wrong with the sheet now.
#[derive(Clone, Default)]
pub struct SheetTrouble {
    now: Arc<Mutex<Vec<Trouble>>>,
}

/// One thing that is wrong with the sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What, and what to do about it.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
}

impl SheetTrouble {
    /// Returns what is wrong.
    #[must_use]
    pub fn list(&self) -> Vec<Trouble> {
        self.now
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Replaces the list. What was wrong before has been so since then.
    pub(super) fn set(&self, what: impl IntoIterator<Item = String>, now: Timestamp) {
        let mut list = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |what: &String| {
            list.iter()
                .find(|known| known.what == *what)
                .map_or(now, |known| known.since)
        };
        let fresh = what
            .into_iter()
            .map(|what| Trouble {
                since: since(&what),
                what,
            })
            .collect();
        *list = fresh;
    }
}

/// What is wrong with one tab.
pub(super) fn of_tab(tab: &str, error: &SheetsError) -> String {
    let SheetsError::Refused {
        reason,
        cure,
        detail,
        ..
    } = error
    else {
        return format!("試算表的「{tab}」頁暫停同步：{error}");
    };
    match reason.as_str() {
        "header_missing" => format!(
            "試算表的「{tab}」頁暫停同步：第一列少了標題「{detail}」。把標題改回來，商店會自動繼續"
        ),
        "header_twice" => format!(
            "試算表的「{tab}」頁暫停同步：第一列的標題「{detail}」出現兩次。每個標題只能留一個，改好後商店會自動繼續"
        ),
        "header_blank" => format!(
            "試算表的「{tab}」頁暫停同步：第一列的標題被清空了。請復原標題，或清空整頁讓商店重寫"
        ),
        _ => format!("試算表的「{tab}」頁暫停同步：{cure}（{reason} {detail}）"),
    }
}

/// What keeps the whole sheet waiting.
pub(super) fn of_all(error: &RoundError) -> String {
    let waits = "訂單與付款照常，資料等著補寫";
    match error {
        RoundError::Ledger(_) => "試算表暫停同步：帳本讀寫失敗，請看紀錄檔".to_owned(),
        RoundError::Open(why) => format!("試算表打不開：{why}"),
        RoundError::Sheet(SheetsError::Refused {
            status: 403, cure, ..
        }) => format!(
            "試算表沒有權限：請把試算表共用給商店的服務帳戶，權限設為「編輯者」（{cure}）。{waits}"
        ),
        RoundError::Sheet(SheetsError::Refused { status: 404, .. }) => {
            format!("找不到試算表：請檢查 GOOGLE_SHEET_ID，或從垃圾桶還原試算表。{waits}")
        }
        RoundError::Sheet(SheetsError::Refused { cure, reason, .. }) => {
            format!("Google 拒絕寫入試算表：{cure}（{reason}）。{waits}")
        }
        RoundError::Sheet(SheetsError::Retry { .. }) => {
            format!("Google 試算表忙碌中，稍後自動重試。{waits}")
        }
        RoundError::Sheet(
            SheetsError::Ambiguous(_) | SheetsError::Unreachable(_) | SheetsError::BadAnswer(_),
        ) => format!("Google 試算表連不上或沒有回應，會自動重試。{waits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(reason: &str) -> SheetsError {
        SheetsError::Refused {
            status: 0,
            reason: reason.to_owned(),
            cure: "do this".to_owned(),
            detail: "狀態".to_owned(),
        }
    }

    #[test]
    fn trouble_names_the_tab_and_the_cure_and_keeps_its_beginning() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let trouble = SheetTrouble::default();
        let (missing, twice) = (
            of_tab("訂單", &refused("header_missing")),
            of_tab("會員", &refused("header_twice")),
        );
        assert!(missing.contains("「訂單」") && missing.contains("少了標題「狀態」"));
        assert!(twice.contains("「會員」") && twice.contains("出現兩次"));
        assert!(of_tab("訂單", &refused("other")).contains("do this"));
        trouble.set([missing.clone()], at(1));
        trouble.set([missing.clone(), twice.clone()], at(2));
        let list = trouble.list();
        let seen: Vec<_> = list
            .iter()
            .map(|one| (one.what.clone(), one.since))
            .collect();
        assert_eq!(seen, [(missing, at(1)), (twice, at(2))]);
        trouble.set([], at(3));
        assert!(trouble.list().is_empty());
    }

    #[test]
    fn what_stops_everything_says_that_orders_go_on() {
        for error in [
            SheetsError::Unreachable("no connection".to_owned()),
            SheetsError::Ambiguous("503".to_owned()),
            refused("PERMISSION_DENIED"),
        ] {
            assert!(of_all(&RoundError::Sheet(error)).contains("訂單與付款照常"));
        }
    }
}
