//! Listening sockets. Where a port is taken, it says which one and what to set.

use std::{io, net::SocketAddr};
use tokio::net::TcpListener;

/// A port that cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Taken(String);

impl Taken {
    /// Tells of two ports at once.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(format!("{self}\n{other}"))
    }
}

/// Listens on an address, or says what to do instead.
///
/// # Errors
/// [`Taken`].
pub async fn open(address: SocketAddr, cure: impl Into<String>) -> Result<TcpListener, Taken> {
    let cure = cure.into();
    TcpListener::bind(address).await.map_err(|error| {
        let why = if error.kind() == io::ErrorKind::AddrInUse {
            "這個連接埠已經有別的程式在用".to_owned()
        } else if error.kind() == io::ErrorKind::PermissionDenied {
            "沒有權限使用這個連接埠（1024 以下要系統管理員）".to_owned()
        } else {
            error.to_string()
        };
        Taken(format!(
            "{address} 沒辦法監聽：{why}\n  {cure}\n  (cannot listen on {address}: {error})"
        ))
    })
}
