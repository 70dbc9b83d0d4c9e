//! Notices over sockets of our own, so that we know to the byte what was sent and what came back.

use anyhow::{Context, Result, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request that posts a notice.
pub(crate) fn request(port: u16, body: &str) -> Vec<u8> {
    format!(
        "POST /payuni/notify HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// An answer as it came.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// Whether this tells the sender that it need not send again.
    pub(crate) fn acknowledges(&self) -> bool {
        self.status == 200 && self.body == "OK"
    }

    pub(crate) fn request_id(&self) -> Option<&str> {
        let lines = self.head.lines();
        let mut named = lines.filter_map(|line| line.split_once(": "));
        let (_, id) = named.find(|(name, _)| name.eq_ignore_ascii_case("x-request-id"))?;
        Some(id)
    }
}

/// A connection that is used again and again.
pub(crate) struct Line {
    stream: TcpStream,
    left: Vec<u8>,
}

impl Line {
    pub(crate) async fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            left: Vec::new(),
        })
    }

    /// Sends in one piece.
    pub(crate) async fn send(&mut self, request: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(request).await?)
    }

    /// Sends all but the last bytes, lets them arrive, and sends the rest.
    pub(crate) async fn send_in_two(&mut self, request: &[u8]) -> Result<()> {
        let (first, rest) = request.split_at(request.len().saturating_sub(100));
        self.stream.write_all(first).await?;
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        Ok(self.stream.write_all(rest).await?)
    }

    /// One whole answer; whatever is less than whole is an error.
    pub(crate) async fn answer(&mut self) -> Result<Answer> {
        loop {
            if let Some(answer) = self.parse()? {
                return Ok(answer);
            }
            let mut more = [0; 4096];
            let n = self.stream.read(&mut more).await?;
            if n == 0 {
                bail!("the connection ended before the answer did");
            }
            self.left
                .extend_from_slice(more.get(..n).unwrap_or_default());
        }
    }

    fn parse(&mut self) -> Result<Option<Answer>> {
        let Some(end) = self.left.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = String::from_utf8(self.left.get(..end).unwrap_or_default().to_vec())?;
        let length: usize = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("an answer without a length")?
            .1
            .parse()?;
        let whole = end + 4 + length;
        let Some(body) = self.left.get(end + 4..whole) else {
            return Ok(None);
        };
        let body = String::from_utf8(body.to_vec())?;
        let status = head.get(9..12).context("no status")?.parse()?;
        self.left.drain(..whole);
        Ok(Some(Answer { status, head, body }))
    }
}

/// Posts once on a connection of its own.
pub(crate) async fn post(port: u16, body: &str, in_two: bool) -> Result<Answer> {
    let mut line = Line::open(port).await?;
    let request = request(port, body);
    if in_two {
        line.send_in_two(&request).await?;
    } else {
        line.send(&request).await?;
    }
    line.answer().await
}
