//! `jinliu sandbox`: the counterparties alone, for a shop written in any language.

use crate::{
    commands::asked_to_stop,
    sandbox::{Doors, Ports, Sandbox, env_lines},
    say::say,
};
use std::path::Path;

/// How the sandbox is started.
#[derive(Clone, Debug, clap::Args)]
pub struct SandboxArgs {
    /// PAYUNi 的連接埠
    #[arg(long, default_value_t = 8081)]
    pub payuni_port: u16,
    /// Google 的連接埠
    #[arg(long, default_value_t = 8082)]
    pub google_port: u16,
    /// 商店的網址；Google 登入只會回到這裡（本機的任何連接埠也可以）
    #[arg(long, default_value = "http://localhost:8080")]
    pub shop_url: String,
    /// 只印出商店 .env 要用的那幾行，然後結束
    #[arg(long)]
    pub print_env: bool,
}

/// Runs until it is asked to stop, or prints the lines of a `.env`.
///
/// # Errors
/// A port is taken, a file cannot be written.
pub async fn run(args: SandboxArgs, dir: &Path) -> anyhow::Result<()> {
    let folder = dir.join("data/sandbox");
    // Absolute: the shop that uses these lines lives in another folder.
    let key_file = std::path::absolute(folder.join("service-account.json"))?
        .display()
        .to_string();
    let lines = |payuni: &str, google: &str| -> String {
        let lines = env_lines(payuni, google, &key_file);
        lines
            .iter()
            .map(|(name, value)| format!("{name}={value}\n"))
            .collect()
    };
    let ports = Ports {
        payuni: args.payuni_port,
        google: args.google_port,
    };
    if args.print_env {
        let url = |port: u16| format!("http://localhost:{port}");
        if !Path::new(&key_file).exists() {
            // The lines name a key file, so it has to be there: a start on any free ports writes it.
            let doors = Doors::open(Ports {
                payuni: 0,
                google: 0,
            })
            .await?;
            Sandbox::start(
                doors,
                Some(&folder),
                &args.shop_url,
                crate::sandbox::Keys::Own,
            )
            .await?
            .stop()
            .await;
        }
        let lines = lines(&url(ports.payuni), &url(ports.google));
        say!("{}", lines.trim_end())?;
        return Ok(());
    }
    let asked = asked_to_stop();
    let sandbox = Sandbox::start(
        Doors::open(ports).await?,
        Some(&folder),
        &args.shop_url,
        crate::sandbox::Keys::Own,
    )
    .await?;
    // It goes on where nobody reads what it says.
    drop(say!(
        "\n  金流沙盒開好了。\n\n    PAYUNi　{}\n    Google　{}\n    試算表　{}\n\n  商店的 .env 加上這幾行：\n\n{}\n  按 Ctrl+C 結束。",
        sandbox.payuni_url,
        sandbox.google_url,
        sandbox.sheet_page(),
        lines(&sandbox.payuni_url, &sandbox.google_url)
    ));
    asked.await;
    sandbox.stop().await;
    Ok(())
}
