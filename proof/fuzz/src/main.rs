//! Every parser of outside bytes under libFuzzer.
//!
//! `JINLIU_FUZZ_TARGET` names the target; `list` prints their names. `cargo xtask proof --only fuzz` builds and runs all.
//! A target demands more than "no panic" wherever there is more to demand: what is accepted is canonical, what is accepted
//! and written again is the same, and what must never be accepted is not.

#![no_main]

mod door;
mod google;
mod house;
mod messages;
mod numbers;
mod seen;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

/// A target takes any bytes and panics where a promise is broken.
type Target = fn(&[u8]);

/// Every target, by name; the folder of its seeds has the same.
///
/// The slowest stand first, so that none is left to run alone.
const TARGETS: [(&str, Target); 18] = [
    ("doctor", seen::doctor),
    ("anatomy", seen::anatomy),
    ("settings", house::settings),
    ("sealed_text", messages::sealed_text),
    ("form", messages::form),
    ("envelope", messages::envelope),
    ("reply", messages::reply),
    ("notice", messages::notice),
    ("answers", messages::answers),
    ("words", numbers::words),
    ("numbers", numbers::numbers),
    ("callback", google::callback),
    ("id_token", google::id_token),
    ("account", google::account),
    ("sheets", google::sheets),
    ("products", house::products),
    ("pages_forms", house::forms),
    ("edge", door::edge),
];

static CHOSEN: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: choose(),
    |data: &[u8]| {
        if let Some(target) = CHOSEN.get() {
            target(data);
        }
    }
);

/// Ends the program where there is nothing to fuzz: an unknown name must not count as a target without crashes.
fn choose() {
    let wanted = std::env::var("JINLIU_FUZZ_TARGET").unwrap_or_default();
    if wanted == "list" {
        for (name, _) in TARGETS {
            println!("{name}");
        }
        std::process::exit(0);
    }
    match TARGETS.iter().find(|(name, _)| *name == wanted) {
        Some((_, target)) => {
            CHOSEN.get_or_init(|| *target);
        }
        None => {
            eprintln!("JINLIU_FUZZ_TARGET names no target: {wanted:?}");
            std::process::exit(2);
        }
    }
}
