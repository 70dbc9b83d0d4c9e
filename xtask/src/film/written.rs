//! What is written beside a film: its captions (`WebVTT`) and its transcript, both from the script's own words.

use std::fmt::Write as _;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::film::script::Script;

/// A caption and when it is there, in milliseconds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Cue {
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) words: Vec<String>,
}

/// The captions as a file.
pub(crate) fn captions(script: &Script, cues: &[Cue]) -> String {
    let mut out = format!(
        "WEBVTT - {}\n\nNOTE script {}\n",
        script.title, script.fingerprint
    );
    for (at, cue) in cues.iter().enumerate() {
        let (start, end) = (clock(cue.start), clock(cue.end));
        let words = cue.words.join("\n");
        write!(out, "\n{}\n{start} --> {end}\n{words}\n", at + 1).ok();
    }
    out
}

/// The fingerprint of the script with which a film was recorded, and its captions.
///
/// # Errors
/// Where the text is none that [`captions`] has written.
pub(crate) fn read_captions(text: &str) -> Result<(String, Vec<Cue>)> {
    let mut blocks = text.trim_end().split("\n\n");
    let head = blocks.next().unwrap_or_default();
    ensure!(head.starts_with("WEBVTT"), "it is no WebVTT");
    let note = blocks.next().unwrap_or_default();
    let fingerprint = note.strip_prefix("NOTE script ");
    let fingerprint = fingerprint.context("it does not name its script")?;
    let cues = blocks.map(|block| {
        let mut lines = block.lines().skip(1);
        let times = lines.next().and_then(|times| times.split_once(" --> "));
        let (start, end) = times.context("a cue without times")?;
        Ok(Cue {
            start: millis(start)?,
            end: millis(end)?,
            words: lines.map(str::to_owned).collect(),
        })
    });
    Ok((fingerprint.to_owned(), cues.collect::<Result<_>>()?))
}

/// The transcript page.
pub(crate) fn transcript(script: &Script, cues: &[Cue]) -> String {
    let Script {
        name,
        title,
        summary,
        ..
    } = script;
    let length = cues.last().map_or(0, |cue| cue.end);
    let mut out = format!(
        "# {title}\n\n{summary}\n\n[![短片：{title}，{}]({name}.png)]({name}.webm)\n\n",
        spoken(length)
    );
    out.push_str(
        "沒有聲音，字幕就是全部的話。畫面是真的示範商店，等待的時間剪掉了。\n\n## 逐字稿\n\n| 時間 | 字幕 |\n|---|---|\n",
    );
    for cue in cues {
        let (minutes, rest) = split(cue.start);
        writeln!(
            out,
            "| {minutes}:{:02} | {} |",
            rest / 1000,
            cue.words.join("，")
        )
        .ok();
    }
    let commands: Vec<&str> = script.commands().collect();
    if !commands.is_empty() {
        out.push_str("\n## 片中的指令\n\n");
        // The judge alone is on the film's stage only.
        if commands
            .iter()
            .any(|command| command.starts_with("accept "))
        {
            out.push_str("自己做時，在專案根目錄：`cargo xtask accept`（列出題目）、`cargo xtask accept 2`（驗收）。\n\n");
        }
        let commands = commands.join("\n").replace("{order}", "訂單編號");
        write!(out, "```text\n{commands}\n```\n").ok();
    }
    out.push_str("\n## 想看仔細\n\n");
    for link in &script.more {
        writeln!(out, "- [{}]({})", link.words, link.page).ok();
    }
    out.push_str("- [八部短片](README.md)\n");
    out
}

/// Minutes and the milliseconds that are left.
fn split(millis: u64) -> (u64, u64) {
    (millis / 60_000, millis % 60_000)
}

fn clock(millis: u64) -> String {
    let (minutes, rest) = split(millis);
    format!("00:{minutes:02}:{:02}.{:03}", rest / 1000, rest % 1000)
}

fn spoken(millis: u64) -> String {
    let (minutes, rest) = split(millis + 500);
    format!("{minutes} 分 {} 秒", rest / 1000)
}

fn millis(clock: &str) -> Result<u64> {
    let parts = clock.trim().split([':', '.']).map(str::parse::<u64>);
    let parts: Vec<u64> = parts
        .collect::<Result<_, _>>()
        .with_context(|| format!("{clock} is no time"))?;
    let [hours, minutes, seconds, rest] = parts[..] else {
        bail!("{clock} is no time");
    };
    Ok(((hours * 60 + minutes) * 60 + seconds) * 1000 + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_read_as_they_were_written_and_the_page_has_their_words() {
        let text = "title = \"題\"\nsummary = \"說\"\nmore = [{ words = \"去處\", page = \"../a.md\" }]\n\
                    [[scene]]\nwords = [\"一\", \"二\"]\ndo = [{ run = { command = \"ls {order}\", says = \"\" } }]\n";
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("01-x.toml");
        std::fs::write(&file, text).unwrap();
        let script = Script::read(&file).unwrap();
        let cues = vec![Cue {
            start: 3000,
            end: 65_100,
            words: vec!["一".to_owned(), "二".to_owned()],
        }];
        let written = captions(&script, &cues);
        assert!(written.contains("00:00:03.000 --> 00:01:05.100\n一\n二\n"));
        assert_eq!(
            read_captions(&written).unwrap(),
            (script.fingerprint.clone(), cues.clone())
        );
        assert!(read_captions("WEBVTT\n\n1\n00:00 --> 00:01\nx").is_err());
        let page = transcript(&script, &cues);
        for part in [
            "| 0:03 | 一，二 |",
            "1 分 5 秒",
            "```text\nls 訂單編號\n```",
            "[去處](../a.md)",
            "(01-x.webm)",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
    }
}
