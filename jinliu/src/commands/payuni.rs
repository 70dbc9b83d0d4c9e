//! `jinliu payuni explain`: the signature doctor at the terminal.

use crate::{
    commands::{MISCONFIGURED, environment},
    say::{NOBODY_READS, nobody_reads, say},
};
use anyhow::Context;
use doctor::{Input, Keys, Lang, MAX_BYTES, Verdict, Whose, examine};
use jiff::Timestamp;
use shop::settings::Settings;
use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What to do with PAYUNi's messages.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum PayuniCommand {
    /// 簽章醫生：貼上送出或收到的訊息，指出哪一步錯了、怎麼修
    #[command(after_help = EXAMPLES)]
    Explain(ExplainArgs),
}

const EXAMPLES: &str = "可以貼的東西：整個表單內文或查詢字串、JSON 回覆、multipart 內文、整個 HTTP 請求，或單獨一段 EncryptInfo。
金鑰取自 PAYUNI_HASH_KEY 與 PAYUNI_HASH_IV（環境變數優先，其次 .env）；都沒設就用沙盒的。輸出裡不會有金鑰，卡號一類的值也會遮住。

例子：
  jinliu payuni explain notice.txt
  pbpaste | jinliu payuni explain --path https://sandbox-api.payuni.com.tw/api/upp
  jinliu payuni explain --lang en --json reply.json
  jinliu payuni explain --at 2026-11-26T10:00:00+08:00 昨天的請求.txt

結束代碼：0 訊息是對的；1 有地方不對，或無法判斷；2 指令用法不對、檔案讀不到。";

/// Which message, and how to print.
#[derive(Clone, Debug, clap::Args)]
pub struct ExplainArgs {
    /// 訊息所在的檔案；不寫或寫「-」就從標準輸入讀，最多 64 KiB
    pub file: Option<PathBuf>,
    /// 送到哪個路徑或網址，例如 upp 或 <https://sandbox-api.payuni.com.tw/api/trade/query>
    #[arg(
        long,
        help = "送到哪個路徑或網址，例如 upp 或 https://sandbox-api.payuni.com.tw/api/trade/query"
    )]
    pub path: Option<String>,
    /// 一起送出的 Content-Type
    #[arg(long)]
    pub content_type: Option<String>,
    /// 訊息是什麼時候送的，例如 2026-11-26T10:00:00+08:00；不寫就當作現在
    #[arg(long)]
    pub at: Option<Timestamp>,
    /// 用哪種語言說明
    #[arg(long, value_enum, default_value = "zh")]
    pub lang: Tongue,
    /// 印成 JSON
    #[arg(long)]
    pub json: bool,
}

/// A language, as it is chosen at the terminal.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Tongue {
    /// 中文
    Zh,
    /// English
    En,
}

/// Runs a command about PAYUNi's messages.
#[must_use]
pub fn run(command: PayuniCommand, dir: &Path) -> ExitCode {
    let PayuniCommand::Explain(args) = command;
    match explain(args, dir) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) if nobody_reads(&error) => ExitCode::from(NOBODY_READS),
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(MISCONFIGURED)
        }
    }
}

/// Whether the message is right.
fn explain(args: ExplainArgs, dir: &Path) -> anyhow::Result<bool> {
    let body = read(args.file.as_deref())?;
    let mut input = configured(body, dir)?;
    input.path = args.path;
    input.content_type = args.content_type;
    input.now = Some(args.at.unwrap_or_else(Timestamp::now));
    let lang = match args.lang {
        Tongue::Zh => Lang::ZhTw,
        Tongue::En => Lang::En,
    };
    let examination = examine(&input);
    if args.json {
        let diagnosis = examination.diagnosis(lang);
        say!("{}", serde_json::to_string_pretty(&diagnosis)?)?;
    } else {
        say!("{}", examination.render(lang).trim_end())?;
    }
    Ok(examination.verdict == Verdict::Right)
}

fn read(file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    let most = u64::try_from(MAX_BYTES)? + 1;
    match file.filter(|file| *file != Path::new("-")) {
        Some(file) => File::open(file)
            .and_then(|file| file.take(most).read_to_end(&mut body))
            .with_context(|| format!("讀不到檔案 {}", file.display()))?,
        None => std::io::stdin()
            .take(most)
            .read_to_end(&mut body)
            .context("讀不到標準輸入")?,
    };
    anyhow::ensure!(
        body.len() <= MAX_BYTES,
        "輸入超過 {} KiB：一次只貼一則訊息",
        MAX_BYTES / 1024
    );
    Ok(body)
}

/// The body with the keys of the shop in this folder, or the sandbox's where there are none.
fn configured(body: Vec<u8>, dir: &Path) -> anyhow::Result<Input> {
    let env = environment();
    let values = Settings::gateway_values(&env, dir)?;
    // As it was typed, where it can be had: what was pasted along is what the doctor looks for.
    let given = |name: &'static str| {
        let typed = env(name).filter(|value| !value.trim().is_empty());
        typed.or_else(|| values.get(name).cloned())
    };
    let pair = |key, iv| match (given(key), given(iv)) {
        (None, None) => None,
        (key, iv) => Some(Keys::new(&key.unwrap_or_default(), &iv.unwrap_or_default())),
    };
    let sandbox = |name| Settings::sandbox_value(name).unwrap_or_default();
    let demo = Keys::new(sandbox("PAYUNI_HASH_KEY"), sandbox("PAYUNI_HASH_IV"));
    let own = pair("PAYUNI_HASH_KEY", "PAYUNI_HASH_IV");
    let previous = pair("PAYUNI_PREVIOUS_HASH_KEY", "PAYUNI_PREVIOUS_HASH_IV");
    let mut input = Input::new(body, own.unwrap_or_else(|| demo.clone()));
    input.others.push((Whose::Demo, demo));
    input
        .others
        .extend(previous.map(|keys| (Whose::Previous, keys)));
    input.merchant_id = given("PAYUNI_MERCHANT_ID");
    input.api_base = given("PAYUNI_API_URL");
    Ok(input)
}
