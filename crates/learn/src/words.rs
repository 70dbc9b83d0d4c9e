//! What the reader itself says, beside the book's text, in both languages.

use pages::Lang;

/// The reader's own words.
pub(crate) struct Words {
    pub(crate) book: &'static str,
    pub(crate) tagline: &'static str,
    pub(crate) contents: &'static str,
    pub(crate) previous: &'static str,
    pub(crate) next: &'static str,
    pub(crate) search: &'static str,
    pub(crate) search_hint: &'static str,
    pub(crate) found: &'static str,
    pub(crate) found_nothing: &'static str,
    pub(crate) ask_something: &'static str,
    pub(crate) answer: &'static str,
    pub(crate) right: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,
    pub(crate) submit: &'static str,
    pub(crate) score: &'static str,
    pub(crate) again: &'static str,
    pub(crate) progress: &'static str,
    pub(crate) kept_here: &'static str,
    pub(crate) forget: &'static str,
    pub(crate) minutes: &'static str,
    pub(crate) sections: &'static str,
    pub(crate) read_only: &'static str,
    pub(crate) jump: &'static str,
    pub(crate) unwritten: &'static str,
    pub(crate) only_chinese: &'static str,
}

const ZH: Words = Words {
    book: "學金流",
    tagline: "難點、流程、防線、修改：對著這間正在跑的店，一章一章看懂。",
    contents: "目錄",
    previous: "上一節",
    next: "下一節",
    search: "搜尋",
    search_hint: "例如：退款、HashInfo",
    found: "找到 {n} 段",
    found_nothing: "書裡沒有這個詞。換一個說法，或到詞彙表找找。",
    ask_something: "輸入想找的詞：中文兩個字就夠，英文打開頭也行。",
    answer: "看答案",
    right: "答對了。",
    wrong: "不是這個。",
    copy: "複製",
    copied: "已複製",
    submit: "交卷看分數",
    score: "{all} 題答對 {n} 題",
    again: "再考一次",
    progress: "已回答 {n}／{all} 題",
    kept_here: "作答只存在您這台電腦的瀏覽器裡。",
    forget: "清除我的作答",
    minutes: "{n} 分鐘",
    sections: "{n} 節",
    read_only: "這是專案裡的檔案，只能看。",
    jump: "跳到書裡提到的那一段",
    unwritten: "書還沒放進這個版本。",
    only_chinese: "",
};

const EN: Words = Words {
    book: "Learn",
    tagline: "What is hard, how it flows, what defends it, how to change it: chapter by chapter, beside the running shop.",
    contents: "Contents",
    previous: "Previous",
    next: "Next",
    search: "Search",
    search_hint: "for example: HashInfo",
    found: "{n} passages",
    found_nothing: "The book does not have these words. Try others, or the glossary.",
    ask_something: "Two Chinese characters are enough, or the beginning of a Latin word.",
    answer: "Show the answer",
    right: "That is right.",
    wrong: "Not this one.",
    copy: "Copy",
    copied: "Copied",
    submit: "Hand in and see the score",
    score: "{n} of {all} are right",
    again: "Try again",
    progress: "{n} of {all} questions answered",
    kept_here: "Your answers are kept in this browser only.",
    forget: "Forget my answers",
    minutes: "{n} min",
    sections: "{n} sections",
    read_only: "A file of the project, to be read.",
    jump: "Go to what the book speaks of",
    unwritten: "The book is not part of this build.",
    only_chinese: "The book itself is written in Traditional Chinese.",
};

impl Words {
    pub(crate) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::ZhTw => &ZH,
            Lang::En => &EN,
        }
    }
}

/// Fills a number into a text.
pub(crate) fn with(text: &str, n: &impl ToString) -> String {
    text.replace("{n}", &n.to_string())
}
