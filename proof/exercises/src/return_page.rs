//! The page that the buyer comes back to, deciding what only the gateway knows.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    model::{Fields, Refused, Shop},
    trial::{AMOUNT, ORDER, card_declined, card_paid, envelope},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "return-page",
    case: "A45",
    title: "感謝頁說付了就付了？",
    setting: "買家付完款，PAYUNi 帶他的瀏覽器回到商店：網址上有訂單編號，表單裡有一份簽過的結果。通知常常晚幾秒，所以這一頁乾脆先把訂單標成已付款。",
    question: "返回網址任何人都打得開。沒付錢的、付便宜訂單換貴訂單的，怎麼寫才騙不到？真的付了錢回來的人，也要看到結果。",
    vulnerable: Code {
        source: code!("return_page/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("return_page/a.rs"),
            right: true,
            reason: "守住了。有人回來，只是「現在去問」的理由；付了沒、付多少，由 PAYUNi 回答，由自己的訂單核對。網址上寫什麼都不算數。",
        },
        Repair {
            key: "b",
            source: code!("return_page/b.rs"),
            right: false,
            reason: "還是會被騙。想白拿的正是買家本人，訂單是他的，登入也是真的。認得是誰，不等於認得錢。",
        },
        Repair {
            key: "c",
            source: code!("return_page/c.rs"),
            right: false,
            reason: "還是會被騙。結果驗過簽章，訂單卻從網址讀：付 100 元那張的簽章，配上 680 元那張的編號。驗過的和拿來用的，要是同一份資料。",
        },
    ],
    ours: "crates/shop/src/flow/step_6_return.rs#returned",
    lesson: "瀏覽器帶回來的一切都是「聽說」。讓它當提問的理由，不當答案；能定案的路只留一條。",
    tried,
};

/// A cheap order of the same member.
const CHEAP: &str = "20261126-K2";

/// PAYUNi, when the shop asks.
pub(crate) struct Gateway {
    paid: Vec<(&'static str, u32)>,
}

impl Gateway {
    /// What was paid for an order.
    pub(crate) fn ask(&self, order: &str) -> Option<u32> {
        let paid = self.paid.iter().find(|(no, _)| *no == order);
        paid.map(|(_, amount)| *amount)
    }
}

/// A browser that comes back.
pub(crate) struct Visit {
    /// Who is signed in.
    pub(crate) member: &'static str,
    /// What stands in the address.
    pub(crate) query: Fields,
    /// What was posted.
    pub(crate) form: Fields,
}

type Returned = fn(&mut Shop, &Gateway, &Visit) -> Result<(), Refused>;

fn visit(query_order: &str, form: Fields) -> Visit {
    Visit {
        member: "buyer",
        query: Fields::of(&[("order", query_order), ("status", "success")]),
        form,
    }
}

/// Whether the dear order counts as paid after a visit.
fn paid_after(returned: Returned, paid: &[(&'static str, u32)], content: Option<Fields>) -> bool {
    let mut shop = Shop::new(&[(ORDER, AMOUNT), (CHEAP, 100)]);
    let gateway = Gateway {
        paid: paid.to_vec(),
    };
    let form = content.map_or_else(Fields::default, |content| envelope(&shop, &content));
    let _ = returned(&mut shop, &gateway, &visit(ORDER, form));
    shop.is_paid(ORDER)
}

fn tried() -> [Verdict; 4] {
    let versions: [Returned; 4] = [vulnerable::returned, a::returned, b::returned, c::returned];
    versions.map(|returned| {
        let cheap = card_paid()
            .with("MerTradeNo", CHEAP)
            .with("TradeAmt", "100");
        Verdict {
            robbed: paid_after(returned, &[], None)
                || paid_after(returned, &[], Some(card_declined()))
                || paid_after(returned, &[(CHEAP, 100)], Some(cheap)),
            serves: paid_after(returned, &[(ORDER, AMOUNT)], Some(card_paid())),
        }
    })
}
