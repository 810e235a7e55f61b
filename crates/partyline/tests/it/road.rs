//! The line between the business's server and its provider: it can be cut, and it can hold answers back.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};

/// Carries bytes both ways, and looks at none of them.
pub struct Road {
    address: SocketAddr,
    to: SocketAddr,
    held: Arc<watch::Sender<bool>>,
    running: Mutex<Option<AbortHandle>>,
}

impl Road {
    /// A road from a new address on this machine; nobody is at its end yet.
    pub async fn new() -> (Road, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (Road { address, to: address, held: Arc::new(watch::Sender::new(false)), running: Mutex::default() }, listener)
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads it to a provider.
    pub fn lead(&mut self, listener: TcpListener, to: SocketAddr) {
        self.to = to;
        self.run(listener);
    }

    fn run(&self, listener: TcpListener) {
        let (to, held) = (self.to, self.held.clone());
        let task = tokio::spawn(async move {
            // dropped with this task, and with them every connection
            let mut connections = JoinSet::new();
            loop {
                let Ok((near, _)) = listener.accept().await else { return };
                connections.spawn(carry(near, to, held.subscribe()));
            }
        });
        *self.running.lock().unwrap() = Some(task.abort_handle());
    }

    /// From now on the provider hears us, and what it answers does not come back.
    pub fn hold_answers(&self) {
        self.held.send_replace(true);
    }

    /// What was held back comes, and everything after it.
    pub fn let_answers_through(&self) {
        self.held.send_replace(false);
    }

    /// Cuts every connection; new ones are refused.
    pub async fn cut(&self) {
        if let Some(task) = self.running.lock().unwrap().take() {
            task.abort();
        }
        crate::world::until("the line is dead", async || TcpStream::connect(self.address).await.is_err().then_some(()))
            .await;
    }

    /// Mends the line.
    pub async fn mend(&self) {
        let listener =
            crate::world::until("the address is free", async || TcpListener::bind(self.address).await.ok()).await;
        self.run(listener);
    }
}

async fn carry(near: TcpStream, to: SocketAddr, mut held: watch::Receiver<bool>) {
    let Ok(far) = TcpStream::connect(to).await else { return };
    let (mut from_near, mut to_near) = near.into_split();
    let (mut from_far, mut to_far) = far.into_split();
    let there = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_near, &mut to_far).await;
        // the near side has no more to say; the far side notices when both halves are gone
        let _ = to_far.shutdown().await;
    });
    let _there = AbortOnDrop(there.abort_handle());
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(n @ 1..) = from_far.read(&mut bytes).await {
        if held.wait_for(|held| !held).await.is_err() || to_near.write_all(&bytes[..n]).await.is_err() {
            return;
        }
    }
}

struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
