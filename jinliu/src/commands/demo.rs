//! `jinliu demo`: the shop and its whole sandbox, on loopback, with nothing to set up.

use crate::{
    commands::asked_to_stop,
    sandbox::Ports,
    say::say,
    world::{Plan, World},
};
use std::path::Path;

/// Ports other than the usual ones.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct DemoArgs {
    /// 商店的連接埠（預設 8080）
    #[arg(long)]
    pub port: Option<u16>,
    /// PAYUNi 沙盒的連接埠
    #[arg(long, default_value_t = 8081)]
    pub payuni_port: u16,
    /// Google 沙盒的連接埠
    #[arg(long, default_value_t = 8082)]
    pub google_port: u16,
}

/// Runs until it is asked to stop.
///
/// # Errors
/// A port is taken, a file cannot be written.
pub async fn run(args: DemoArgs, dir: &Path) -> anyhow::Result<()> {
    let asked = asked_to_stop();
    let plan = Plan {
        dir: dir.to_owned(),
        port: args.port,
        ports: Ports {
            payuni: args.payuni_port,
            google: args.google_port,
        },
        rate: 1,
        env: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
        fulfilment: None,
        book: None,
        keys: crate::sandbox::Keys::Own,
        program: None,
        #[cfg(feature = "ablation")]
        ablated: shop::ablation::Ablated::default(),
    };
    let world = World::start(plan).await?;
    // The shop stays open where nobody reads what it says.
    drop(say!("{}", welcome(&world)));
    asked.await;
    drop(say!("\n正在收工…"));
    world.stop().await
}

fn welcome(world: &World) -> String {
    let (shop, payuni, sheet) = (
        &world.shop_url,
        &world.sandbox.payuni_url,
        world.sandbox.sheet_page(),
    );
    format!(
        "
  金流 jinliu　示範商店開張了，全部在這台電腦上，不需要帳號、金鑰或網路。

    商店　　　　　　　　{shop}
    PAYUNi 後台（沙盒）　{payuni}
    Google 試算表（沙盒）{sheet}
    學金流（整本書）　　{shop}/learn
    攻擊實驗室　　　　　{shop}/lab

  先試試看：
    1. 打開商店，按「登入」，選「林小美」
    2. 買一樣東西，用測試卡 4147631000000001 付款（到期日隨意，末三碼填 123）
    3. 看訂單變成「已完成」，再到試算表看它的那一列

  資料放在 ./data，整個刪掉就是重新開始。按 Ctrl+C 結束。
"
    )
}
