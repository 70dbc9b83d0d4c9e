//! What is written beside a film: its captions (WebVTT) and its transcript, both from the script's own words.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::film::script::Script;

/// A caption and when it is there, in seconds.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Cue {
    pub(crate) start: f64,
    pub(crate) end: f64,
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
            start: seconds(start)?,
            end: seconds(end)?,
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
    let length = cues.last().map_or(0.0, |cue| cue.end);
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
            rest.floor(),
            cue.words.join("，")
        )
        .ok();
    }
    let commands: Vec<&str> = script.commands().collect();
    if !commands.is_empty() {
        let commands = commands.join("\n");
        write!(out, "\n## 片中的指令\n\n```text\n{commands}\n```\n").ok();
    }
    out.push_str("\n## 想看仔細\n\n");
    for link in &script.more {
        writeln!(out, "- [{}]({})", link.words, link.page).ok();
    }
    out.push_str("- [八部短片](README.md)\n");
    out
}

/// Minutes and the seconds that are left.
fn split(seconds: f64) -> (f64, f64) {
    ((seconds / 60.0).floor(), seconds % 60.0)
}

fn clock(seconds: f64) -> String {
    let (minutes, rest) = split(seconds);
    format!("00:{minutes:02}:{rest:06.3}")
}

fn spoken(seconds: f64) -> String {
    let (minutes, rest) = split(seconds.round());
    format!("{minutes} 分 {rest} 秒")
}

fn seconds(clock: &str) -> Result<f64> {
    let parts = clock.trim().split(':').map(str::parse::<f64>);
    let parts: Vec<f64> = parts
        .collect::<Result<_, _>>()
        .with_context(|| format!("{clock} is no time"))?;
    Ok(parts.iter().fold(0.0, |sum, part| sum * 60.0 + part))
}
