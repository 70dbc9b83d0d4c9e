//! The PAYUNi sandbox alone, on port 8081 or the one that is named, until Ctrl-C.

use std::io;

use payuni_sim::Settings;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8081".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let public_url = format!("http://localhost:{port}");
    let running = payuni_sim::start(
        listener,
        Settings {
            public_url,
            ..Settings::demo()
        },
    )
    .await?;
    println!("PAYUNi sandbox at http://{}", running.addr);
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(())
}
