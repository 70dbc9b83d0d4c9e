//! The program itself, started with what nobody should start it with. It must end by itself and say why.

use crate::{play::Play, steps::Program};
use anyhow::Context;
use std::{collections::BTreeMap, process::Stdio, time::Duration};

/// What a real shop's environment looks like; the values are made up.
const GOOD: [(&str, &str); 9] = [
    ("PUBLIC_URL", "https://shop.example.tw"),
    (
        "SESSION_SECRET",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    ("PAYUNI_API_URL", "https://api.payuni.com.tw/api/"),
    ("PAYUNI_MERCHANT_ID", "ABC123456"),
    ("PAYUNI_HASH_KEY", "Zk3vQ8sT1wYx5bN7mR2cL9pH4dJ6fG0a"),
    ("PAYUNI_HASH_IV", "p7Wq2Le9Xc4Vb6Nz"),
    ("GOOGLE_CLIENT_ID", "123-abc.apps.googleusercontent.com"),
    ("GOOGLE_CLIENT_SECRET", "GOCSPX-abcdef"),
    ("BIND", "127.0.0.1:0"),
];
/// How long a start may take that is refused.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn play(play: &mut Play<'_>, step: &Program) -> anyhow::Result<()> {
    let mut starts = vec![(String::new(), BTreeMap::new())];
    if let Some(vary) = &step.vary {
        let one = |value: &String| {
            let env = BTreeMap::from([(vary.name.clone(), value.clone())]);
            (format!("{}={value:?}", vary.name), env)
        };
        starts = vary.values.iter().map(one).collect();
    }
    for (name, more) in starts {
        let mut command = tokio::process::Command::new(play.stage.program());
        command
            .args(&step.args)
            .current_dir(play.stage.folder())
            .env_clear()
            .stdin(Stdio::null())
            .kill_on_drop(true);
        if step.args.first().is_some_and(|arg| arg == "serve") {
            command.envs(GOOD);
        }
        for (variable, value) in step.env.iter().chain(&more) {
            if value == "-" {
                command.env_remove(variable);
            } else {
                command.env(variable, value);
            }
        }
        let ended = tokio::time::timeout(PATIENCE, command.output()).await;
        let Ok(ended) = ended else {
            play.wrong.push(format!("{name}: it started and stayed"));
            continue;
        };
        let ended = ended.context("the program cannot be started")?;
        let said = [ended.stdout, ended.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        let code = ended.status.code().unwrap_or(-1);
        if code != step.exit {
            play.wrong
                .push(format!("{name}: exit code {code}, not {}", step.exit));
        }
        for text in &step.says {
            if !said.contains(text.as_str()) {
                play.wrong.push(format!("{name}: it does not say {text:?}"));
            }
        }
        let values = more.values().filter(|value| value.len() >= 8);
        for text in step.lacks.iter().chain(values) {
            if said.contains(text.as_str()) {
                play.wrong.push(format!("{name}: it says {text:?}"));
            }
        }
    }
    Ok(())
}
