//! The proxy, its rule and its log.

use super::http::Message;
use super::{Fault, Request};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Decides what becomes of a request.
type Rule = Box<dyn FnMut(&Request) -> Fault + Send>;

/// A TCP proxy in front of an HTTP server, with switchable faults. It passes everything until told otherwise.
///
/// Dropping it resets every connection and closes the port.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    server: SocketAddr,
    refuses: AtomicBool,
    rule: Mutex<Rule>,
    log: Mutex<Vec<(Request, Fault)>>,
    /// How many requests have come to hang.
    hanging: watch::Sender<usize>,
    /// How often those that hang were let go.
    let_go: watch::Sender<usize>,
}

impl FaultProxy {
    /// Listens on a free port, in front of `server`.
    ///
    /// # Errors
    /// The operating system's, if there is no free port.
    pub async fn start(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            server,
            refuses: AtomicBool::new(false),
            rule: Mutex::new(Box::new(|_| Fault::Pass)),
            log: Mutex::default(),
            hanging: watch::Sender::new(0),
            let_go: watch::Sender::new(0),
        });
        let accepting = tokio::spawn(accept(listener, shared.clone()));
        Ok(Self { address, shared, accepting })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets a rule decide about every request from now on. It is asked in the order in which requests arrive.
    pub fn set_rule(&self, rule: impl FnMut(&Request) -> Fault + Send + 'static) {
        *locked(&self.shared.rule) = Box::new(rule);
    }

    /// Does the same with every request from now on.
    pub fn set(&self, fault: Fault) {
        self.set_rule(move |_| fault);
    }

    /// Does it to the first `times` requests that `concerned` accepts; everything else passes.
    pub fn set_times(
        &self,
        mut times: usize,
        fault: Fault,
        mut concerned: impl FnMut(&Request) -> bool + Send + 'static,
    ) {
        self.set_rule(move |request| {
            if times == 0 || !concerned(request) {
                return Fault::Pass;
            }
            times -= 1;
            fault
        });
    }

    /// Resets every connection at once, before a request is read, while `refuses` is true. Connections that are
    /// open already are reset at their next request.
    pub fn set_refusing(&self, refuses: bool) {
        self.shared.refuses.store(refuses, Ordering::SeqCst);
    }

    /// Every request so far, in the order of arrival, with what became of it.
    pub fn log(&self) -> Vec<(Request, Fault)> {
        locked(&self.shared.log).clone()
    }

    /// Waits until this many requests have come to hang; those that hang *after* are applied by then.
    pub async fn until_hanging(&self, count: usize) {
        let mut hanging = self.shared.hanging.subscribe();
        let reached = hanging.wait_for(|hanging| *hanging >= count).await;
        reached.expect("the proxy owns the sender");
    }

    /// Resets the connections of all requests that hang.
    pub fn let_go(&self) {
        self.shared.let_go.send_modify(|times| *times += 1);
    }

    /// How many requests so far were not passed.
    pub fn faults(&self) -> usize {
        let log = locked(&self.shared.log);
        log.iter().filter(|(_, fault)| *fault != Fault::Pass).count()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        // The task owns its connections' tasks, so that they end with it.
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // A client that went away before it was accepted is no fault of ours.
                let Ok((client, _)) = accepted else { continue };
                let shared = shared.clone();
                connections.spawn(async move {
                    // The client sees a reset, as it would from a proxy whose own connection broke.
                    if let Err(ended) = shared.serve(client).await {
                        reset(ended);
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Shared {
    /// Serves one client's connection. Gives it back if it is to be reset.
    async fn serve(&self, client: TcpStream) -> Result<(), TcpStream> {
        let mut client = BufReader::new(client);
        loop {
            if self.refuses.load(Ordering::SeqCst) {
                return Err(client.into_inner());
            }
            let message = match Message::read_request(&mut client).await {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(()),
                Err(_) => return Err(client.into_inner()),
            };
            if self.refuses.load(Ordering::SeqCst) {
                return Err(client.into_inner());
            }
            match self.answer(&message).await {
                Some(Reply::Whole { bytes, is_last }) => {
                    if client.write_all(&bytes).await.is_err() || is_last || message.is_last {
                        return Ok(());
                    }
                }
                Some(Reply::Part(bytes)) => {
                    // The client may be gone already; its connection ends either way.
                    client.write_all(&bytes).await.ok();
                    client.flush().await.ok();
                    return Ok(());
                }
                None => return Err(client.into_inner()),
            }
        }
    }

    /// What the client gets to see; `None` if that is a reset.
    async fn answer(&self, message: &Message) -> Option<Reply> {
        let request = message.request();
        let fault = {
            let fault = locked(&self.rule)(&request);
            locked(&self.log).push((request.clone(), fault));
            fault
        };
        let answer = if fault.reaches_the_server() {
            Some(self.forward(message, &request.method).await.ok()?)
        } else {
            None
        };
        match fault {
            Fault::Pass => answer.map(|answer| Reply::Whole { is_last: answer.is_last, bytes: answer.bytes }),
            Fault::CutDuringAnswer => answer.map(|mut answer| {
                answer.bytes.truncate(answer.bytes.len() / 2);
                Reply::Part(answer.bytes)
            }),
            Fault::CutBefore | Fault::CutAfter => None,
            Fault::AnswerBefore(status) | Fault::AnswerAfter(status) => {
                Some(Reply::Whole { bytes: Message::answer(status, ""), is_last: false })
            }
            Fault::RefuseBefore(status, code) => {
                let body =
                    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code></Error>");
                Some(Reply::Whole { bytes: Message::answer(status, &body), is_last: false })
            }
            Fault::HangBefore | Fault::HangAfter => {
                let mut let_go = self.let_go.subscribe();
                self.hanging.send_modify(|hanging| *hanging += 1);
                let_go.changed().await.ok();
                None
            }
        }
    }

    /// Sends a request on, over a connection of its own, and reads the whole answer.
    async fn forward(&self, message: &Message, method: &str) -> io::Result<Message> {
        let mut server = BufReader::new(TcpStream::connect(self.server).await?);
        server.write_all(&message.bytes).await?;
        Message::read_answer(&mut server, method).await
    }
}

/// What a client gets to see.
enum Reply {
    Whole { bytes: Vec<u8>, is_last: bool },
    Part(Vec<u8>),
}

/// Closes a connection with a reset instead of a goodbye.
fn reset(connection: TcpStream) {
    // Without it the client sees an orderly end: still a lost connection.
    connection.set_zero_linger().ok();
}

fn locked<T: ?Sized>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("server", &self.server)
            .field("refuses", &self.refuses)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}
