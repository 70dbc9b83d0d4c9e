//! Neither keys nor people's data come out, whatever goes in.

use crate::maker::{IV, KEY, PLAIN, form_of, input};
use doctor::{Keys, Lang, examine};

#[test]
fn no_key_and_no_card_is_shown() {
    let plain = format!(
        "{PLAIN}&CardNo=4147631000000001&CardCVC=123&UsrMail=someone%40example.com&HashKey={KEY}&ReturnURL={IV}&{KEY}=1"
    );
    for keys in [
        Keys::new(KEY, IV),
        Keys::new(IV, KEY),
        Keys::new(&format!("{KEY}\n"), IV),
        Keys::new(&KEY[..30], IV),
    ] {
        let mut given = input(form_of(&plain).replace("S0001&V", &format!("{KEY}&V")));
        given.keys = keys;
        let examination = examine(&given);
        for lang in Lang::ALL {
            let json = serde_json::to_string(&examination.diagnosis(lang)).unwrap();
            let own = serde_json::to_string(&examination).unwrap();
            let debug = format!("{examination:?}");
            for said in [examination.render(lang), json, own, debug] {
                for secret in [KEY, &KEY[..30], IV, "4147631000000001", "someone"] {
                    assert!(!said.contains(secret), "{secret} in {said}");
                }
            }
        }
    }
}
