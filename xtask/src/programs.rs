//! The programs that the tests talk with: found, or on Debian installed, or else named with how to get them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{packages, run};

/// Where each program is.
pub(crate) struct Programs {
    pub(crate) python: PathBuf,
    pub(crate) node: PathBuf,
    pub(crate) npm: PathBuf,
    pub(crate) php: PathBuf,
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

/// Something that must be there, and how it gets there.
struct Need {
    what: &'static str,
    /// The variable by which a person may name another one.
    variable: Option<&'static str>,
    names: &'static [&'static str],
    /// Arguments with which it exits with success only if it is good enough.
    proof: &'static [&'static str],
    /// Debian's packages.
    debian: &'static [&'static str],
    elsewhere: &'static str,
}

const PYTHON: Need = Need {
    what: "Python 3.10 or later with its venv module",
    variable: None,
    names: &["python3", "python"],
    proof: &[
        "-c",
        "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))",
    ],
    debian: &["python3", "python3-venv"],
    elsewhere: "from your system's packages, or https://www.python.org/downloads/",
};
const NODE: Need = Need {
    // oidc-provider 9 does not start with 18, which Debian 12 has.
    what: "Node.js 20 or later",
    variable: Some("JINLIU_NODE"),
    names: &["node", "nodejs"],
    proof: &[
        "-e",
        "process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)",
    ],
    debian: &["nodejs"],
    elsewhere: "from your system's packages, or https://nodejs.org/",
};
const NPM: Need = Need {
    what: "npm",
    variable: None,
    names: &["npm"],
    proof: &["--version"],
    debian: &["npm"],
    elsewhere: "it comes with Node.js",
};
const PHP: Need = Need {
    what: "PHP's command line with its openssl extension",
    variable: Some("JINLIU_PHP"),
    names: &["php"],
    proof: &["-r", "exit(function_exists('openssl_encrypt') ? 0 : 1);"],
    debian: &["php-cli"],
    elsewhere: "package php-cli (Fedora, Ubuntu) or php (Homebrew, Arch)",
};
const CHROMIUM: Need = Need {
    what: "Chromium or Chrome",
    variable: Some("JINLIU_CHROMIUM"),
    names: &[
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    proof: &["--version"],
    debian: &["chromium"],
    elsewhere: "package chromium, or Google Chrome",
};
const CHROMEDRIVER: Need = Need {
    what: "chromedriver, of the same version as Chromium",
    variable: Some("JINLIU_CHROMEDRIVER"),
    names: &["chromedriver"],
    proof: &["--version"],
    debian: &["chromium-driver"],
    elsewhere: "package chromedriver, or https://googlechromelabs.github.io/chrome-for-testing/",
};
const NGINX: Need = Need {
    what: "nginx",
    variable: None,
    names: &["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"],
    proof: &["-v"],
    debian: &["nginx"],
    elsewhere: "package nginx (Fedora, Ubuntu, Homebrew)",
};
const OPENSSL: Need = Need {
    what: "the openssl command",
    variable: None,
    names: &["openssl"],
    proof: &["version"],
    debian: &["openssl"],
    elsewhere: "package openssl (Fedora, Ubuntu, Homebrew)",
};
/// Only who records films needs it.
const FFMPEG: Need = Need {
    what: "ffmpeg with libvpx",
    variable: None,
    names: &["ffmpeg"],
    proof: &["-hide_banner", "-h", "encoder=libvpx-vp9"],
    debian: &["ffmpeg"],
    elsewhere: "package ffmpeg",
};
const CURL: Need = Need {
    // The book's exercises are typed with it.
    what: "curl",
    variable: None,
    names: &["curl"],
    proof: &["--version"],
    debian: &["curl"],
    elsewhere: "from your system's packages",
};
const NEEDS: [&Need; 7] = [&PYTHON, &NODE, &NPM, &PHP, &CHROMIUM, &CHROMEDRIVER, &CURL];

/// Without Chinese glyphs, a picture of a page shows boxes, and lines break elsewhere.
const FONT_PACKAGE: &str = "fonts-noto-cjk";

impl Need {
    /// The one that a person has named, who then wants that one and no other.
    fn named(&self) -> Option<PathBuf> {
        self.variable.and_then(env::var_os).map(PathBuf::from)
    }

    /// Where it is, if it is there and good enough.
    fn found(&self) -> Option<PathBuf> {
        let place = self.named().or_else(|| run::find(self.names))?;
        run::succeeds(Command::new(&place).args(self.proof)).then_some(place)
    }

    /// What is missing, and what to do about it.
    fn missed(&self) -> String {
        match (self.variable, self.named()) {
            (Some(variable), Some(place)) => {
                format!(
                    "  {}: {variable} names {}, which is not that",
                    self.what,
                    place.display()
                )
            }
            _ => format!("  {}: {}", self.what, self.elsewhere),
        }
    }

    fn require(&self) -> Result<PathBuf> {
        self.found()
            .with_context(|| format!("{} is missing", self.what))
    }
}

/// Finds all programs, after installing what is missing where that can be done.
///
/// # Errors
/// Names everything that is missing and where it comes from.
pub(crate) fn installed(folder: &Path) -> Result<Programs> {
    if !missing_packages().is_empty()
        && is_debian()
        && let Some(apt) = Apt::usable()
    {
        apt.install(&missing_packages())?;
    }
    let node = match (NODE.found(), NODE.named(), NPM.found()) {
        (None, None, Some(npm)) => packages::node_itself(folder, &npm)?,
        (found, ..) => found,
    };
    let mut missing: Vec<String> = NEEDS
        .iter()
        .filter(|need| need.found().is_none())
        .filter(|need| need.what != NODE.what || node.is_none())
        .map(|need| need.missed())
        .collect();
    if !has_chinese_font() {
        missing.push(format!(
            "  a font with Traditional Chinese: package {FONT_PACKAGE}, or any of Noto CJK"
        ));
    }
    if !missing.is_empty() {
        let how = if is_debian() && !missing_packages().is_empty() {
            format!(
                "\nOn this Debian machine, as root: apt-get install {}",
                missing_packages().join(" ")
            )
        } else {
            String::new()
        };
        bail!(
            "the tests need these, which are missing or too old here (installed automatically only on Debian, as root or \
             with passwordless sudo):\n{}{how}",
            missing.join("\n")
        );
    }
    Ok(Programs {
        python: PYTHON.require()?,
        node: node.with_context(|| format!("{} is missing", NODE.what))?,
        npm: NPM.require()?,
        php: PHP.require()?,
        chromium: CHROMIUM.require()?,
        chromedriver: CHROMEDRIVER.require()?,
    })
}

/// Finds what a shop behind a proxy is judged with, after installing what is missing where that can be done.
///
/// # Errors
/// Names what is missing and where it comes from.
pub(crate) fn proxy_installed() -> Result<()> {
    let missing = || {
        [&NGINX, &OPENSSL]
            .into_iter()
            .filter(|need| need.found().is_none())
    };
    if missing().next().is_some()
        && is_debian()
        && let Some(apt) = Apt::usable()
    {
        let packages: Vec<&str> = missing().flat_map(|need| need.debian).copied().collect();
        apt.install(&packages)?;
    }
    let missed: Vec<String> = missing().map(Need::missed).collect();
    if !missed.is_empty() {
        bail!(
            "a shop behind a proxy is judged with these, which are missing here (installed automatically only on Debian, as \
             root or with passwordless sudo):\n{}",
            missed.join("\n")
        );
    }
    Ok(())
}

/// What puts pictures together to a film, installed where that can be done.
///
/// # Errors
/// Where it is missing.
pub(crate) fn ffmpeg() -> Result<PathBuf> {
    if FFMPEG.found().is_none()
        && is_debian()
        && let Some(apt) = Apt::usable()
    {
        apt.install(FFMPEG.debian)?;
    }
    FFMPEG.require().with_context(|| FFMPEG.missed())
}

/// Debian's packages for what is missing.
fn missing_packages() -> Vec<&'static str> {
    let needs = NEEDS
        .iter()
        .filter(|need| need.named().is_none() && need.found().is_none());
    let mut packages: Vec<&str> = needs.flat_map(|need| need.debian).copied().collect();
    if !has_chinese_font() {
        packages.push(FONT_PACKAGE);
    }
    packages
}

fn has_chinese_font() -> bool {
    if cfg!(any(target_os = "macos", windows)) {
        return true;
    }
    let listed = run::output(Command::new("fc-list").args([":lang=zh-tw", "family"]));
    listed.is_some_and(|fonts| !fonts.is_empty())
        || Path::new("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc").is_file()
}

/// Debian itself: its derivatives ship Chromium otherwise (Ubuntu's is a snap that a driver cannot start as root).
fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}

/// `apt-get`, as somebody who may use it.
struct Apt {
    sudo: bool,
}

impl Apt {
    fn usable() -> Option<Self> {
        run::find(&["apt-get"])?;
        if run::output(Command::new("id").arg("-u"))? == "0" {
            return Some(Self { sudo: false });
        }
        run::succeeds(Command::new("sudo").args(["-n", "true"])).then_some(Self { sudo: true })
    }

    fn install(&self, packages: &[&str]) -> Result<()> {
        println!("Installing Debian's {}.", packages.join(", "));
        let install = || {
            let mut command = self.command();
            command
                .args(["install", "--yes", "--no-install-recommends", "-qq"])
                .args(packages);
            command
        };
        // A machine that has never looked knows no packages; one that has may know some that are gone.
        if run::succeeds(&mut install()) {
            return Ok(());
        }
        self.update()?;
        run::succeed(&mut install())
    }

    /// Fetches the package lists. Only this lock cannot be waited for by an option of apt's.
    fn update(&self) -> Result<()> {
        for _ in 0..30 {
            if run::succeeds(self.command().args(["update", "-qq"])) {
                return Ok(());
            }
            println!(
                "`apt-get update` did not succeed, perhaps since another one is running; trying again."
            );
            thread::sleep(Duration::from_secs(5));
        }
        run::succeed(self.command().arg("update"))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(if self.sudo { "sudo" } else { "env" });
        if self.sudo {
            command.args(["-n", "env"]);
        }
        // Another installation may be under way: wait for it.
        command.args([
            "DEBIAN_FRONTEND=noninteractive",
            "apt-get",
            "-o",
            "DPkg::Lock::Timeout=600",
        ]);
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_fails_its_proof_is_not_good_enough() {
        let need = |proof| Need {
            names: &["rustc"],
            variable: None,
            proof,
            ..NPM
        };
        assert!(need(&["--version"]).found().is_some());
        assert!(need(&["--no-such-option"]).found().is_none());
        assert!(
            Need {
                names: &["no-such-program-anywhere"],
                ..NPM
            }
            .found()
            .is_none()
        );
    }
}
