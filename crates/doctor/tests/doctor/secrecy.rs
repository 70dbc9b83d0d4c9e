//! Neither keys nor people's data come out, whatever goes in.

use crate::maker::{IV, KEY, OTHER_IV, OTHER_KEY, PLAIN, form, form_of, input};
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

#[test]
fn keys_pasted_into_any_field_stay_hidden() {
    let body = form(OTHER_KEY, OTHER_IV);
    let bodies = [
        body.clone(),
        body.replace("2.0", OTHER_KEY).replace("S0001", OTHER_IV),
        form_of(&PLAIN.replace("1700000000", OTHER_KEY)).replace("=2.0", &format!("={OTHER_KEY}")),
        form_of(&PLAIN.replace("S0001", OTHER_KEY)) + &format!("&{OTHER_KEY}=1&{OTHER_KEY}=1"),
        OTHER_KEY.to_owned(),
        hex::encode(OTHER_KEY),
        format!(r#"{{"Status":"{OTHER_KEY}"}}"#),
    ];
    for body in bodies {
        let mut given = input(body);
        given.others = vec![(doctor::Whose::Demo, Keys::new(OTHER_KEY, OTHER_IV))];
        given.path = Some(format!("https://{OTHER_KEY}.payuni.com.tw/{OTHER_KEY}"));
        given.content_type = Some(format!("multipart/form-data; boundary={OTHER_KEY}"));
        let examination = examine(&given);
        for lang in Lang::ALL {
            let said = examination.render(lang) + &format!("{examination:?}");
            for secret in [&OTHER_KEY[..12], &OTHER_KEY[20..], &OTHER_IV[..12]] {
                assert!(!said.contains(secret), "{secret} in {said}");
            }
        }
    }
}
