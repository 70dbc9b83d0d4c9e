//! The signature doctor at the terminal: the program itself, what it prints and with which code it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use payuni::{Merchant, seal};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
};

const KEY: &str = "abcdefghijklmnopqrstuvwxyzABCDEF";
const IV: &str = "ZYXWVUTSRQPONMLK";

/// Runs `jinliu payuni explain` in a folder, with variables and a standard input.
fn explain(dir: &Path, args: &[&str], env: &[(&str, &str)], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_jinliu"))
        .args(["payuni", "explain"])
        .args(args)
        .current_dir(dir)
        .env_clear()
        .envs(env.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its options does not read to the end.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn notice(key: &str, iv: &str) -> String {
    let merchant = Merchant::parse("S0001", key, iv).unwrap();
    let fields = [
        ("Status", "SUCCESS"),
        ("MerID", "S0001"),
        ("TradeAmt", "680"),
        ("Card4No", "4321"),
    ];
    seal(&merchant, "1.0", &fields).form_body()
}

#[test]
fn a_right_message_is_shown_step_by_step_and_ends_well() {
    let folder = tempfile::tempdir().unwrap();
    let keys = [("PAYUNI_HASH_KEY", KEY), ("PAYUNI_HASH_IV", IV)];
    let said = explain(folder.path(), &[], &keys, &notice(KEY, IV));
    let text = printed(&said);
    assert_eq!(said.status.code(), Some(0), "{text}");
    assert!(text.contains("這則訊息是對的"), "{text}");
    assert!(text.contains("TradeAmt = 680"), "{text}");
    for hidden in ["4321", KEY, IV] {
        assert!(!text.contains(hidden), "{text}");
    }
    // The same from a file, and with the keys in `.env`.
    fs::write(folder.path().join("notice.txt"), notice(KEY, IV)).unwrap();
    let lines = format!("PAYUNI_HASH_KEY={KEY}\nPAYUNI_HASH_IV={IV}\n");
    fs::write(folder.path().join(".env"), lines).unwrap();
    let said = explain(folder.path(), &["--lang", "en", "notice.txt"], &[], "");
    assert_eq!(said.status.code(), Some(0), "{}", printed(&said));
    assert!(printed(&said).contains("The message is right"));
}

#[test]
fn what_is_wrong_is_named_and_no_key_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let swapped = [("PAYUNI_HASH_KEY", IV), ("PAYUNI_HASH_IV", KEY)];
    let said = explain(folder.path(), &["--json", "-"], &swapped, &notice(KEY, IV));
    assert_eq!(said.status.code(), Some(1));
    let json: Value = serde_json::from_str(&printed(&said)).unwrap();
    assert_eq!(json["verdict"], "wrong");
    assert_eq!(json["findings"][0]["id"], "key_iv_swapped");
    assert!(!printed(&said).contains(KEY) && !printed(&said).contains(IV));
    // A variable with a line break at its end, as a secret's file often has one.
    let pasted = format!("{KEY}\n");
    let keys = [("PAYUNI_HASH_KEY", pasted.as_str()), ("PAYUNI_HASH_IV", IV)];
    let said = explain(folder.path(), &[], &keys, &notice(KEY, IV));
    assert_eq!(said.status.code(), Some(1));
    assert!(printed(&said).contains("key_whitespace"));
}

#[test]
fn without_settings_the_sandboxs_keys_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let key = shop::settings::Settings::sandbox_value("PAYUNI_HASH_KEY").unwrap();
    let iv = shop::settings::Settings::sandbox_value("PAYUNI_HASH_IV").unwrap();
    let said = explain(folder.path(), &[], &[], &notice(key, iv));
    assert_eq!(said.status.code(), Some(0), "{}", printed(&said));
    assert!(!printed(&said).contains(key));
    // And known by name where others are set.
    let keys = [("PAYUNI_HASH_KEY", KEY), ("PAYUNI_HASH_IV", IV)];
    let said = explain(folder.path(), &[], &keys, &notice(key, iv));
    assert_eq!(said.status.code(), Some(1));
    assert!(printed(&said).contains("other_environment_keys"));
}

#[test]
fn misuse_ends_with_two() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["--lang", "fr"][..],
        &["--at", "yesterday"],
        &["nothing.txt"],
    ] {
        let said = explain(folder.path(), args, &[], "");
        assert_eq!(said.status.code(), Some(2), "{args:?}");
        assert!(!said.stderr.is_empty());
    }
    let long = "a".repeat(64 * 1024 + 1);
    let said = explain(folder.path(), &[], &[], &long);
    assert_eq!(said.status.code(), Some(2));
}
