//! The load: a process of its own, so that its CPU time stands apart. Requests are signed before the clock starts; what is left while it
//! runs is writing bytes and reading answers.

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use futures_util::StreamExt as _;
use partyline_carrier::{demo, signing};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::process;

/// How long anything may take before the benchmark gives up.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of an answer's head and body together; a webhook's answer has a few hundred.
const ANSWER_MAX: usize = 16 * 1024;

/// What is to be sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// The webhook's whole address.
    pub hook: String,
    /// How many texts.
    pub count: usize,
    /// The number of the first: each text of a database has its own.
    pub first: usize,
    /// Connections that send at once.
    pub clients: usize,
    /// Texts a second; `None`: as fast as they are answered.
    pub rate: Option<u32>,
    /// Who texts, in turn.
    pub numbers: Vec<String>,
    /// A browser's socket that hears of each text: its address, origin and cookie.
    pub watch: Option<(String, String, String)>,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// Answered with 200.
    pub acknowledged: usize,
    /// Answered with 503, or not at all.
    pub refused: usize,
    /// From the first byte to the last answer, in microseconds.
    pub took_us: u64,
    /// CPU time of this process meanwhile.
    pub cpu_us: u64,
    /// From sending to the answer, sorted.
    pub answered_us: Vec<u64>,
    /// From sending to the frame in the watching browser, sorted.
    pub seen_us: Vec<u64>,
}

/// The process: reads an order, makes ready, waits for a line, sends, and writes its report.
pub fn main() -> Result<()> {
    let mut lines = std::io::stdin().lock().lines();
    let order: Order = serde_json::from_str(&lines.next().context("no order")??)?;
    let requests = requests(&order)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(async {
        let watching = match &order.watch {
            Some(watch) => Some(watch_for(watch, order.count).await?),
            None => None,
        };
        println!("ready");
        std::io::stdout().flush()?;
        lines.next().context("no start")??;
        send(&order, requests, watching).await
    })?;
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

/// The text that says which it is.
fn token(n: usize) -> String {
    format!("#{n:09}#")
}

fn requests(order: &Order) -> Result<Vec<Vec<u8>>> {
    let url = url::Url::parse(&order.hook)?;
    let host = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(80));
    (order.first..order.first + order.count)
        .map(|n| {
            let (sid, from) = (format!("SM{n:032x}"), &order.numbers[n % order.numbers.len()]);
            let text = format!("Is my order ready? I can come by after five. {}", token(n));
            let form = [
                ("MessageSid", sid.as_str()),
                ("SmsSid", &sid),
                ("SmsMessageSid", &sid),
                ("AccountSid", demo::ACCOUNT_SID),
                ("From", from),
                ("To", demo::NUMBERS[0].0),
                ("Body", &text),
                ("NumMedia", "0"),
                ("NumSegments", "1"),
                ("SmsStatus", "received"),
                ("ApiVersion", "2010-04-01"),
                ("FromCountry", "US"),
                ("FromState", "CA"),
                ("FromCity", "SAN FRANCISCO"),
                ("FromZip", "94105"),
                ("ToCountry", "US"),
                ("ToState", "CA"),
                ("ToCity", "SAN FRANCISCO"),
                ("ToZip", "94103"),
            ];
            let signature = signing::sign(demo::AUTH_TOKEN, &order.hook, &form);
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            Ok(format!(
                "POST {} HTTP/1.1\r\nhost: {host}\r\nuser-agent: TwilioProxy/1.1\r\ncontent-type: application/x-www-form-urlencoded; charset=utf-8\r\nx-twilio-signature: {signature}\r\naccept: */*\r\ncontent-length: {}\r\n\r\n{body}",
                url.path(),
                body.len()
            )
            .into_bytes())
        })
        .collect()
}

type Watching = tokio::task::JoinHandle<Result<HashMap<usize, Instant>>>;

/// A second browser: notes when it hears of each text.
async fn watch_for((url, origin, cookie): &(String, String, String), count: usize) -> Result<Watching> {
    let mut request = url.as_str().into_client_request()?;
    request.headers_mut().insert("cookie", cookie.parse()?);
    request.headers_mut().insert("origin", origin.parse()?);
    let (mut stream, _) = tokio_tungstenite::connect_async(request).await?;
    // the first frame says where the log stands: from here on nothing is missed
    tokio::time::timeout(PATIENCE, stream.next()).await?.context("the socket closed")??;
    Ok(tokio::spawn(async move {
        let mut seen = HashMap::with_capacity(count);
        while seen.len() < count {
            let frame = tokio::time::timeout(PATIENCE, stream.next()).await?.context("the socket closed")??;
            let now = Instant::now();
            for part in frame.to_text().unwrap_or_default().split('#').filter(|p| p.len() == 9) {
                if let Ok(n) = part.parse() {
                    seen.entry(n).or_insert(now);
                }
            }
        }
        Ok(seen)
    }))
}

/// When each was sent and answered; `None`: it was refused.
type Sent = Vec<(usize, Instant, Option<Duration>)>;

async fn send(order: &Order, requests: Vec<Vec<u8>>, watching: Option<Watching>) -> Result<Report> {
    let url = url::Url::parse(&order.hook)?;
    let address = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(80));
    let requests = Arc::new(requests);
    let next = Arc::new(AtomicUsize::new(0));
    let cpu = process::cpu(std::process::id())?;
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..order.clients {
        let (requests, next, address) = (requests.clone(), next.clone(), address.clone());
        let (first, rate) = (order.first, order.rate);
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(&address).await?;
            stream.set_nodelay(true)?;
            let mut sent = Sent::new();
            let mut answer = vec![0; ANSWER_MAX];
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(request) = requests.get(n) else { return Ok::<_, anyhow::Error>(sent) };
                // late is counted as waiting: the texts of a rate come whether the server is ready or not
                let due = match rate {
                    Some(rate) => began + Duration::from_secs_f64(n as f64 / f64::from(rate)),
                    None => Instant::now(),
                };
                tokio::time::sleep_until(due.into()).await;
                stream.write_all(request).await?;
                let status = tokio::time::timeout(PATIENCE, read(&mut stream, &mut answer)).await??;
                sent.push((first + n, due, (status == 200).then(|| due.elapsed())));
            }
        }));
    }
    let mut sent = Sent::new();
    for task in tasks {
        sent.extend(task.await??);
    }
    let took = began.elapsed();
    let seen = match watching {
        Some(watching) => watching.await??,
        None => HashMap::new(),
    };
    let cpu = process::cpu(std::process::id())? - cpu;
    let mut answered_us: Vec<u64> = sent.iter().filter_map(|(_, _, took)| took.map(micros)).collect();
    let mut seen_us: Vec<u64> =
        sent.iter().filter_map(|(n, due, _)| seen.get(n).map(|at| micros(at.duration_since(*due)))).collect();
    answered_us.sort_unstable();
    seen_us.sort_unstable();
    Ok(Report {
        acknowledged: answered_us.len(),
        refused: sent.len() - answered_us.len(),
        took_us: micros(took),
        cpu_us: micros(cpu),
        answered_us,
        seen_us,
    })
}

pub fn micros(d: Duration) -> u64 {
    u64::try_from(d.as_micros()).unwrap_or(u64::MAX)
}

/// Reads one answer and gives its status.
async fn read(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<u16> {
    let mut filled = 0;
    loop {
        let n = stream.read(&mut buffer[filled..]).await?;
        if n == 0 {
            bail!("the server hung up");
        }
        filled += n;
        let Some(head) = buffer[..filled].windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let text = std::str::from_utf8(&buffer[..head])?;
        let status = text.split(' ').nth(1).and_then(|s| s.parse().ok()).context("no status")?;
        let length = text
            .lines()
            .filter_map(|l| l.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .and_then(|(_, v)| v.trim().parse::<usize>().ok())
            .unwrap_or(0);
        if filled >= head + 4 + length {
            return Ok(status);
        }
    }
}
