//! The adopter's own nginx configuration, run for real: on this machine's ports, with a certificate made for the moment,
//! and with a way to pretend that somebody comes from somewhere.

use crate::{
    program::free_port,
    wait::{LOOK_AGAIN, PATIENCE},
};
use anyhow::{Context, Result, bail, ensure};
use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// The header by which the acceptance tells nginx where somebody comes from, as a network in front of it would.
const FROM: &str = "x-acceptance-from";
/// Ports below which the rest of the file may say what it likes.
const SHOP: [&str; 2] = ["127.0.0.1:8080", "localhost:8080"];

/// A running nginx; it ends with its owner.
pub(crate) struct Proxy {
    child: Child,
    pub(crate) tls: u16,
    pub(crate) plain: u16,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

/// A request from outside.
pub(crate) struct Request<'a> {
    pub(crate) method: reqwest::Method,
    /// From `https://` or `http://` on.
    pub(crate) secure: bool,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    /// Where it comes from.
    pub(crate) from: &'a str,
    /// A forwarding header of its own, which nobody should believe.
    pub(crate) claims: Option<&'a str>,
    pub(crate) form: Option<String>,
}

impl Proxy {
    /// Starts nginx with a site's configuration in front of the shop; `Err` in it: what nginx says is wrong with it.
    pub(crate) async fn open(
        dir: &Path,
        site: &str,
        shop: SocketAddr,
    ) -> Result<Result<Self, String>> {
        let nginx = find().context(
            "這一題要用真的 nginx，這台機器上沒有。Debian、Ubuntu：apt-get install nginx openssl；macOS：brew install nginx openssl",
        )?;
        let folder = dir.join("nginx");
        fs::create_dir_all(&folder)?;
        certificate(&folder)?;
        let (tls, plain) = (free_port()?, free_port()?);
        fs::write(
            folder.join("site.conf"),
            fitted(site, &folder, tls, plain, shop),
        )?;
        let here = folder.display();
        let whole = format!(
            "daemon off;\nmaster_process off;\npid {here}/pid;\nerror_log {here}/error.log notice;\nevents {{}}\nhttp {{\n\
             access_log off;\nclient_body_temp_path {here}/body;\nproxy_temp_path {here}/proxy;\n\
             fastcgi_temp_path {here}/fastcgi;\nuwsgi_temp_path {here}/uwsgi;\nscgi_temp_path {here}/scgi;\n\
             set_real_ip_from 127.0.0.1;\nreal_ip_header {FROM};\ninclude {here}/site.conf;\n}}\n"
        );
        let file = folder.join("nginx.conf");
        fs::write(&file, whole)?;
        let log = folder.join("said.log");
        let mut child = Command::new(nginx)
            .arg("-e")
            .arg(folder.join("error.log"))
            .arg("-p")
            .arg(&folder)
            .arg("-c")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(fs::File::create(&log)?)
            .stderr(fs::File::options().append(true).open(&log)?)
            .spawn()?;
        let until = Instant::now() + PATIENCE;
        let listens = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
        while !(listens(tls) && listens(plain)) {
            let ended = child.try_wait()?.is_some();
            if ended || Instant::now() >= until {
                child.kill().ok();
                child.wait().ok();
                let said = fs::read_to_string(&log).unwrap_or_default();
                let said = if said.trim().is_empty() {
                    "nginx 沒有在 443 與 80 都開門".to_owned()
                } else {
                    said.replace(&here.to_string(), "")
                };
                return Ok(Err(said));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(Ok(Self { child, tls, plain }))
    }

    /// Sends a request to it.
    pub(crate) async fn asks(
        &self,
        client: &reqwest::Client,
        request: Request<'_>,
    ) -> Result<Answer> {
        let (scheme, port) = if request.secure {
            ("https", self.tls)
        } else {
            ("http", self.plain)
        };
        let url = format!("{scheme}://127.0.0.1:{port}{}", request.path);
        let mut asked = client
            .request(request.method, url)
            .header("host", request.host)
            .header("accept", "text/html")
            .header(FROM, request.from);
        if let Some(claims) = request.claims {
            asked = asked
                .header("x-forwarded-for", claims)
                .header("x-real-ip", claims)
                .header("forwarded", format!("for={claims}"));
        }
        if let Some(form) = request.form {
            asked = asked
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form);
        }
        let answer = asked.send().await?;
        Ok(Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.text().await?,
        })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A client that takes the certificate of the moment, and follows nothing.
pub(crate) fn client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .danger_accept_invalid_certs(true)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()?)
}

/// The site's configuration with this machine's ports, the certificate of the moment and the shop where it is. All else is
/// as the adopter wrote it.
fn fitted(site: &str, folder: &Path, tls: u16, plain: u16, shop: SocketAddr) -> String {
    let mut fitted = String::new();
    for line in site.lines() {
        let bare = line.trim();
        let words: Vec<&str> = bare.trim_end_matches(';').split_whitespace().collect();
        match words.as_slice() {
            ["listen", address, rest @ ..] => {
                // One address is enough here.
                if address.starts_with("[::]") {
                    continue;
                }
                let port = if address.ends_with("443") { tls } else { plain };
                fitted.push_str(&format!("listen 127.0.0.1:{port} {};", rest.join(" ")));
            }
            ["ssl_certificate", ..] => {
                fitted.push_str(&format!("ssl_certificate {}/cert.pem;", folder.display()));
            }
            ["ssl_certificate_key", ..] => {
                fitted.push_str(&format!(
                    "ssl_certificate_key {}/key.pem;",
                    folder.display()
                ));
            }
            _ => {
                let line = SHOP.iter().fold(line.to_owned(), |line, at| {
                    line.replace(at, &shop.to_string())
                });
                fitted.push_str(&line);
            }
        }
        fitted.push('\n');
    }
    fitted
}

/// A key and a certificate that nobody else trusts.
fn certificate(folder: &Path) -> Result<()> {
    let made = Command::new("openssl")
        .args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        ])
        .args(["-subj", "/CN=shop.example.tw", "-keyout"])
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("cert.pem"))
        .stdin(Stdio::null())
        .output()
        .context("這一題要用 openssl 做一張暫時的憑證，這台機器上沒有")?;
    ensure!(
        made.status.success(),
        "openssl: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    Ok(())
}

/// Where nginx is; outside of many persons' `PATH`.
fn find() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin", "/usr/local/sbin"].map(Into::into));
    for folder in folders {
        let nginx = folder.join("nginx");
        if nginx.is_file() {
            return Ok(nginx);
        }
    }
    bail!("nginx is not there")
}
