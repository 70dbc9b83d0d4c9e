//! The program between a test and its browser, started by the test itself and ended with it.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context, Result, anyhow};

/// How long it may take to start listening.
const START: Duration = Duration::from_secs(60);
/// How long it may take to end a browser.
const END: Duration = Duration::from_secs(20);

/// A chromedriver of our own, ended when dropped.
pub(crate) struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts it, and waits until it listens.
    ///
    /// # Errors
    /// Where it cannot be started, or ends or stays silent instead of listening.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let mut process = Command::new(program)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let output = process
            .stdout
            .take()
            .context("chromedriver has no output")?;
        // Made before the wait below, so that a driver that never listens is ended, too.
        let mut driver = Self { process, port: 0 };
        let (tell, told) = mpsc::channel();
        thread::spawn(move || announce_port(output, &tell));
        driver.port = told.recv_timeout(START).map_err(|_| {
            anyhow!(
                "{} did not say its port within {START:?}",
                program.display()
            )
        })?;
        Ok(driver)
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Closes a session without a runtime, and waits for the answer, which comes once Chromium has ended.
    pub(crate) fn end_session(&self, session: &str) -> io::Result<()> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port))?;
        connection.set_read_timeout(Some(END))?;
        write!(
            connection,
            "DELETE /session/{session} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.port
        )?;
        connection.read(&mut [0; 64]).map(|_| ())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself, which is as well.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Reads chromedriver's output to its end, so that it never blocks, and tells the port that it names.
fn announce_port(output: impl Read, tell: &mpsc::Sender<u16>) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        let port = line
            .split_once("started successfully on port ")
            .and_then(|(_, rest)| rest.trim_end_matches('.').parse().ok());
        if let Some(port) = port {
            tell.send(port).ok();
        }
    }
}
