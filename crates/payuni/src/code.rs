/// What a code of PAYUNi means, and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// The code, such as `UPP01007`.
    pub code: &'static str,
    /// In words, for the merchant: Traditional Chinese.
    pub zh_tw: &'static str,
    /// What to do.
    pub action: Action,
}

/// What to do about a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The merchant number, keys or API address in the settings are wrong, or belong to the other environment.
    FixSettings,
    /// The request was built wrongly: a fault of the program.
    FixRequest,
    /// Something must be switched on, signed or lifted at PAYUNi.
    AskPayuni,
    /// Start again under a new order number.
    NewNumber,
    /// The same question later.
    AskAgain,
    /// The buyer tries again, or pays in another way.
    BuyerTriesAgain,
    /// Query the trade: what was asked for may have happened already.
    QueryFirst,
}

impl Action {
    /// In words, for the merchant: Traditional Chinese.
    #[must_use]
    pub const fn zh_tw(self) -> &'static str {
        match self {
            Self::FixSettings => {
                "請核對商店代號、HashKey、HashIV 與 API 網址，並確認測試與正式環境沒有混用"
            }
            Self::FixRequest => "送出的參數有誤，請回報給系統開發人員",
            Self::AskPayuni => "請到 PAYUNi 後台確認是否已啟用，或聯絡 PAYUNi 客服",
            Self::NewNumber => "請以新的訂單編號重新建立交易",
            Self::AskAgain => "請稍後再試一次",
            Self::BuyerTriesAgain => "請消費者重新付款，或改用其他付款方式",
            Self::QueryFirst => "請先查詢這筆交易目前的狀態，再決定是否繼續",
        }
    }
}

/// Looks a code up. Nothing for one that PAYUNi's public tables do not list: show it as it is.
#[must_use]
pub fn explain(code: &str) -> Option<Explanation> {
    TABLE
        .iter()
        .find(|(known, _, _)| *known == code)
        .map(|&(code, zh_tw, action)| Explanation {
            code,
            zh_tw,
            action,
        })
}

use Action::{
    AskAgain, AskPayuni, BuyerTriesAgain, FixRequest, FixSettings, NewNumber, QueryFirst,
};

/// PAYUNi docs pages 156 and 44; single ones from replies of its sandbox.
const TABLE: &[(&str, &str, Action)] = &[
    (
        "UNKNOWN",
        "銀行端尚未回覆結果，請等候通知或於 15 分鐘後查詢",
        QueryFirst,
    ),
    ("UNAPPROVED", "交易未核准", BuyerTriesAgain),
    ("Unapproved", "交易未核准", BuyerTriesAgain),
    ("OK", "AFTEE 已完成授信，尚未付款", QueryFirst),
    ("ERROR", "PAYUNi 系統發生錯誤", AskAgain),
    // the gateway itself
    ("API00001", "未指定 API 類型", FixRequest),
    ("API00002", "未指定 API 版本", FixRequest),
    ("API00003", "查無此版本的 API", FixRequest),
    ("API00004", "缺少 EncryptInfo", FixRequest),
    ("API00005", "缺少 HashInfo", FixRequest),
    ("API00007", "Token 已逾期", AskAgain),
    ("API00008", "PAYUNi 閘道發生錯誤", AskAgain),
    ("API00009", "相同的資料正在處理中", QueryFirst),
    ("API00010", "EncryptInfo 格式錯誤", FixRequest),
    ("API00011", "HashInfo 格式錯誤", FixRequest),
    ("DEF01001", "缺少商店代號", FixRequest),
    ("DEF01002", "資料解密失敗", FixSettings),
    ("DEF01003", "查無代理商", FixSettings),
    ("DEF01004", "代理商狀態異常", AskPayuni),
    (
        "DEF01005",
        "商店不存在，可能是測試與正式環境混用",
        FixSettings,
    ),
    ("DEF01006", "商店狀態異常", AskPayuni),
    ("DEF01007", "HashInfo 比對不符", FixSettings),
    // the hosted page
    ("UPP01001", "連線數已達上限", AskAgain),
    ("UPP01003", "HashInfo 比對不符", FixSettings),
    ("UPP01004", "資料解密失敗", FixSettings),
    ("UPP01006", "查無商店", FixSettings),
    ("UPP01007", "商店訂單編號重複", NewNumber),
    ("UPP01013", "商店已停用", AskPayuni),
    ("UPP02002", "缺少商店訂單編號", FixRequest),
    ("UPP02003", "商店訂單編號過長", FixRequest),
    ("UPP02004", "商店訂單編號格式錯誤", FixRequest),
    ("UPP02005", "缺少交易金額", FixRequest),
    ("UPP02006", "交易金額不是整數", FixRequest),
    ("UPP02007", "交易金額格式錯誤", FixRequest),
    ("UPP02008", "缺少時間戳記", FixRequest),
    ("UPP02009", "時間戳記不是整數", FixRequest),
    (
        "UPP02010",
        "時間戳記已過期，請確認主機時間是否準確",
        AskAgain,
    ),
    ("UPP02011", "ReturnURL 格式錯誤", FixRequest),
    ("UPP02012", "NotifyURL 格式錯誤", FixRequest),
    ("UPP02013", "電子信箱格式錯誤", FixRequest),
    ("UPP02022", "沒有可用的支付工具", AskPayuni),
    ("UPP02029", "商店未啟用信用卡", AskPayuni),
    ("UPP02030", "商店未啟用 ATM 轉帳", AskPayuni),
    ("UPP02031", "商店未啟用超商代碼", AskPayuni),
    ("UPP02032", "商店未啟用銀聯卡", AskPayuni),
    ("UPP02042", "繳費期限有誤", FixRequest),
    ("UPP02043", "繳費期限有誤", FixRequest),
    ("UPP02044", "BackURL 格式錯誤", FixRequest),
    ("UPP02045", "付款頁有效時間有誤", FixRequest),
    ("UPP02046", "付款頁有效時間有誤", FixRequest),
    ("UPP02049", "商店未啟用 icash Pay", AskPayuni),
    ("UPP02050", "商店未啟用 AFTEE", AskPayuni),
    ("UPP02063", "商店未啟用 Apple Pay", AskPayuni),
    ("UPP02073", "商店未啟用 LINE Pay", AskPayuni),
    ("UPP02076", "商店未啟用 Google Pay", AskPayuni),
    ("UPP02078", "商店未啟用 Samsung Pay", AskPayuni),
    ("UPP02109", "商店未啟用街口支付", AskPayuni),
    ("UPP02111", "商店代號比對異常", FixSettings),
    ("UPP03000", "付款頁已逾時", NewNumber),
    ("UPP03021", "交易金額不符", FixRequest),
    // card
    ("CREDIT02025", "約定信用卡不存在", BuyerTriesAgain),
    ("CREDIT04001", "商店訂單編號已存在", NewNumber),
    (
        "CREDIT05002",
        "授權失敗，可能未通過 3D 驗證或風險控管",
        BuyerTriesAgain,
    ),
    ("ATM02011", "未指定轉帳銀行", FixRequest),
    // queries
    (
        "QUERY02002",
        "未提供商店訂單編號或 PAYUNi 交易序號",
        FixRequest,
    ),
    ("QUERY02003", "商店訂單編號過長", FixRequest),
    ("QUERY02004", "商店訂單編號格式錯誤", FixRequest),
    ("QUERY02005", "PAYUNi 交易序號過長", FixRequest),
    ("QUERY02006", "PAYUNi 交易序號格式錯誤", FixRequest),
    ("QUERY02007", "缺少時間戳記", FixRequest),
    ("QUERY02008", "時間戳記不是整數", FixRequest),
    (
        "QUERY02009",
        "時間戳記已過期，請確認主機時間是否準確",
        AskAgain,
    ),
    ("QUERY02012", "查詢編號格式錯誤", FixRequest),
    ("QUERY02013", "一次最多查詢 100 筆", FixRequest),
    ("QUERY03001", "查無符合的訂單資料", AskAgain),
    // capture, refund, void
    ("CLOSE01007", "商店的退款權限受到限制", AskPayuni),
    ("CLOSE02010", "未填請款或退款金額", FixRequest),
    (
        "CLOSE03001",
        "請款或退款處理失敗，可能超過可退金額",
        QueryFirst,
    ),
    (
        "CANCEL03001",
        "取消授權失敗，訂單可能未付款成功或已請款",
        QueryFirst,
    ),
    ("CVS02018", "未填超商代碼", FixRequest),
    ("CVS02019", "超商代碼長度錯誤", FixRequest),
    ("CVS02020", "查無此超商代碼", QueryFirst),
    ("CVS02021", "超商代碼已無法取消", QueryFirst),
    ("CONFIRM03005", "訂單已向 AFTEE 確認", QueryFirst),
    ("REFUND04005", "超過可退款金額", QueryFirst),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_and_is_found() {
        for (i, (code, words, _)) in TABLE.iter().enumerate() {
            assert!(!words.is_empty());
            assert!(
                TABLE[i + 1..].iter().all(|(other, _, _)| other != code),
                "{code} stands twice"
            );
            assert_eq!(explain(code).map(|e| e.code), Some(*code));
        }
        assert_eq!(explain("UPP99999"), None);
    }
}
