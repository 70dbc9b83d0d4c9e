//! Money as a floating-point number.

use crate::{Code, Exercise, Repair, Verdict, code};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "float-money",
    case: "A27",
    title: "金額不是小數",
    setting: "核對金額的那一行：text 是簽章裡的 TradeAmt，amount 是訂單的金額。新臺幣沒有角分，PAYUNi 只送整數。",
    question: "訂單 680 元。679.01、6.8e2、+680、4294967976 這些寫法，有哪些混得過去？哪一個改法只認得「680」這一種？",
    vulnerable: Code {
        source: code!("float_money/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("float_money/a.rs"),
            right: false,
            reason: "還是會算錯。as u32 只留下低的 32 位元，4294967976 是 2³² 加 680，轉完剛好 680。前後空白與加號也都放行了。",
        },
        Repair {
            key: "b",
            source: code!("float_money/b.rs"),
            right: true,
            reason: "守住了。只收數字、開頭不是零、放得進型別；其他寫法根本不是金額。轉成功之後就是整數比整數。",
        },
        Repair {
            key: "c",
            source: code!("float_money/c.rs"),
            right: false,
            reason: "還是會算錯。換算成「分」只是把誤差藏小：679.996 四捨五入後就是 68000 分，6.8e2 也一樣過關。",
        },
    ],
    ours: "crates/payuni/src/trade.rs#amount",
    lesson: "錢用整數，進門時只認一種寫法。一個值若有兩種寫法，總有一天兩段程式會讀成兩個值。",
    tried,
};

fn tried() -> [Verdict; 4] {
    let versions: [fn(&str, u32) -> bool; 4] = [vulnerable::fits, a::fits, b::fits, c::fits];
    let others = [
        "679.01",
        "679.996",
        "680.0",
        "6.8e2",
        "+680",
        "0680",
        " 680",
        "-680",
        "4294967976",
        "NaN",
        "",
    ];
    versions.map(|fits| Verdict {
        robbed: others.iter().any(|text| fits(text, 680)),
        serves: fits("680", 680) && fits("1", 1) && !fits("681", 680) && !fits("68", 680),
    })
}
