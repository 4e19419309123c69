//! Clients that send their head or their body byte by byte, or never read an answer.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use socket2::{Domain, Socket, Type};

use crate::ground::Ground;
use crate::report::{Section, spread};
use crate::wire::{Connection, Request};
use crate::world::World;

/// How long slow clients are watched.
const WATCHED: Duration = Duration::from_secs(24);
/// How much more a normal request may take beside them than without them, at the 99th of a hundred: so many
/// times as long, and so many milliseconds, because the slow ones are made on the same machine.
const NORMAL: (f64, f64) = (3.0, 250.0);

/// How many slow clients of each kind there are.
#[derive(Clone, Copy)]
pub(crate) struct Many {
    pub(crate) heads: usize,
    pub(crate) bodies: usize,
    pub(crate) deaf: usize,
}

/// A connection that sends one byte a second.
struct Dripping {
    stream: TcpStream,
    left: Vec<u8>,
    opened: Instant,
    /// When the server ended it, in milliseconds after it was opened, and the status it was told.
    ended: Option<(f64, String)>,
    said: Vec<u8>,
}

/// A client that reads nothing of an answer that has begun to come.
struct Deaf {
    port: u16,
    begun: Instant,
    /// When the server ended it, in milliseconds.
    cut: Option<f64>,
    _stream: TcpStream,
}

/// Plays it.
///
/// # Errors
/// When the scenario itself cannot be played.
pub(crate) fn play(ground: &Ground<'_>, many: Many, section: &mut Section<'_>) -> Result<()> {
    let running = ground.start(&[])?;
    let world = World::make(&running, 8)?;
    let token = world.seats[0].token.as_str();
    large_page(running.address, token)?;
    let head = Request::get("/api/user/profile", token).bytes();
    let mut body = Request::post("/api/customers/customers", token, &serde_json::json!({"realName": "慢"})).bytes();
    let begun = body.windows(4).position(|end| end == b"\r\n\r\n").context("a head")? + 5;
    let rest = body.split_off(begun);
    let drip = |count: usize, now: &[u8], left: &[u8]| -> Result<Vec<Dripping>> {
        (0..count).map(|_| Dripping::open(running.address, now, left)).collect()
    };
    // Long enough that nobody gets to the end by being slow.
    let padded = |text: &[u8]| [text, &[b' '; 60]].concat();
    let slow_head = [b"X-Slow: ".as_slice(), &[b'a'; 60]].concat();
    let body = String::from_utf8(body)?.replace("Content-Length: ", "Content-Length: 1");

    let before = running.size();
    let stop = AtomicBool::new(false);
    let alone = std::thread::scope(|scope| {
        let normal = scope.spawn(|| normal(running.address, token, &stop));
        std::thread::sleep(Duration::from_secs(2));
        stop.store(true, Ordering::Relaxed);
        normal.join().expect("it ends")
    })?;
    stop.store(false, Ordering::Relaxed);
    let deaf = Mutex::new(Vec::new());
    let (normal, heads, bodies, during) = std::thread::scope(|scope| -> Result<_> {
        let normal = scope.spawn(|| normal(running.address, token, &stop));

        let watching = scope.spawn(|| watch(running.address, &deaf, &stop));
        for _ in 0..many.deaf {
            let client = deaf_client(running.address, token)?;
            deaf.lock().expect("no thread has panicked").push(client);
        }
        let mut heads = drip(many.heads, &head[..head.len() - 2], &slow_head)?;
        let mut bodies = drip(many.bodies, body.as_bytes(), &padded(&rest))?;
        let begun = Instant::now();
        let mut during = (0.0f64, 0u32);
        while begun.elapsed() < WATCHED {
            let round = Instant::now();
            heads.iter_mut().chain(bodies.iter_mut()).for_each(Dripping::drip);
            let size = running.size();
            during = (during.0.max(size.0), during.1.max(size.1));
            while round.elapsed() < Duration::from_secs(1) {
                heads.iter_mut().chain(bodies.iter_mut()).for_each(Dripping::look);
                std::thread::sleep(Duration::from_millis(25));
            }
        }
        stop.store(true, Ordering::Relaxed);
        let normal = normal.join().expect("it ends")?;
        watching.join().expect("it ends");
        Ok((normal, heads, bodies, during))
    })?;

    told("heads", &heads, (4_000.0, 7_500.0), section);
    told("bodies", &bodies, (14_000.0, 17_500.0), section);
    let deaf = deaf.into_inner().expect("no thread has panicked");
    let times: Vec<f64> = deaf.iter().filter_map(|client| client.cut).collect();
    let in_time = times.len() == deaf.len() && times.iter().all(|ms| (13_000.0..20_000.0).contains(ms));
    let what = format!("{} that read nothing of an answer of 3.6 MB: cut", deaf.len());
    section.line(what, format!("{}, {}", times.len(), spread(&times)), in_time);
    section.note(format!("a normal client before that, {} requests", alone.len()), spread(&alone));
    let fine = p99(&normal) < p99(&alone) * NORMAL.0 + NORMAL.1;
    section.line(format!("a normal client meanwhile, {} requests", normal.len()), spread(&normal), fine);
    let size =
        format!("{:.0} MB, {} threads, then at most {:.0} MB, {} threads", before.0, before.1, during.0, during.1);
    section.note("memory and threads (at most 512 per worker)", size);
    Ok(())
}

fn p99(times: &[f64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_by(f64::total_cmp);
    times.get(times.len().saturating_sub(1) * 99 / 100).copied().unwrap_or(f64::INFINITY)
}

fn told(what: &str, clients: &[Dripping], (from, to): (f64, f64), section: &mut Section<'_>) {
    let times: Vec<f64> = clients.iter().filter_map(|client| Some(client.ended.as_ref()?.0)).collect();
    let in_time = times.len() == clients.len() && times.iter().all(|ms| (from..to).contains(ms));
    let count = clients.len();
    section.line(
        format!("{count} {what} of a byte a second: cut"),
        format!("{}, {}", times.len(), spread(&times)),
        in_time,
    );
    let mut answers: Vec<&str> =
        clients.iter().filter_map(|client| client.ended.as_ref().map(|(_, said)| said.as_str())).collect();
    answers.sort_unstable();
    answers.dedup();
    section.note(format!("{what}: what they were told"), answers.join(", "));
}

impl Dripping {
    fn open(address: SocketAddr, now: &[u8], left: &[u8]) -> Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.write_all(now)?;
        stream.set_nonblocking(true)?;
        let (opened, left) = (Instant::now(), left.iter().rev().copied().collect());
        Ok(Self { stream, left, opened, ended: None, said: Vec::new() })
    }

    fn drip(&mut self) {
        if self.ended.is_none()
            && let Some(byte) = self.left.pop()
        {
            // One that is closed is found out by reading.
            let _ = self.stream.write(&[byte]);
        }
    }

    fn look(&mut self) {
        if self.ended.is_some() {
            return;
        }
        let mut buffer = [0; 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.end(),
            Ok(read) => self.said.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => self.end(),
        }
    }

    fn end(&mut self) {
        let said = String::from_utf8_lossy(&self.said).into_owned();
        let said = said.split(' ').nth(1).unwrap_or("nothing").to_owned();
        self.ended = Some((self.opened.elapsed().as_secs_f64() * 1000.0, said));
    }
}

/// Makes a page of few rows and more bytes than the buffers of both ends of a connection hold.
fn large_page(address: SocketAddr, token: &str) -> Result<()> {
    let mut connection = Connection::open(address, Duration::from_secs(10))?;
    let note = "记".repeat(10_000);
    for number in 0..120 {
        let customer = serde_json::json!({"realName": format!("客户{number}"), "note": note});
        let answer = connection.send(&Request::post("/api/customers/customers", token, &customer))?;
        ensure!(answer.status == 200, "{}", answer.shown());
    }
    Ok(())
}

/// Asks for the large page and reads nothing of it. Comes back when the answer has begun to come.
fn deaf_client(address: SocketAddr, token: &str) -> Result<Deaf> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_recv_buffer_size(4096)?;
    socket.connect(&address.into())?;
    let mut stream = TcpStream::from(socket);
    stream.write_all(&Request::get("/api/customers/customers?count=120", token).bytes())?;
    let mut begin = [0; 12];
    while stream.peek(&mut begin)? < begin.len() {
        std::thread::sleep(Duration::from_millis(1));
    }
    ensure!(begin.ends_with(b" 200"), "{}", String::from_utf8_lossy(&begin));
    Ok(Deaf { port: stream.local_addr()?.port(), begun: Instant::now(), cut: None, _stream: stream })
}

/// Takes note of when the server ended the connections of these clients.
fn watch(address: SocketAddr, clients: &Mutex<Vec<Deaf>>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let mut clients = clients.lock().expect("no thread has panicked");
        // The table is not read at one moment, and may miss what stands.
        let (there, again) = (connected(address), connected(address));
        for client in clients.iter_mut() {
            if client.cut.is_none() && !there.contains(&client.port) && !again.contains(&client.port) {
                client.cut = Some(client.begun.elapsed().as_secs_f64() * 1000.0);
            }
        }
        drop(clients);
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// The other ends' ports of all connections to this address that the server has open.
fn connected(address: SocketAddr) -> HashSet<u16> {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    let port = |field: &str| u16::from_str_radix(field.rsplit(':').next()?, 16).ok();
    let of = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (local, remote, state) = (fields.get(1)?, fields.get(2)?, fields.get(3)?);
        // 01 is a connection that stands.
        if *state == "01" && port(local)? == address.port() { port(remote) } else { None }
    };
    table.lines().filter_map(of).collect()
}

/// What a client that reads and writes as it should has to wait.
fn normal(address: SocketAddr, token: &str, stop: &AtomicBool) -> Result<Vec<f64>> {
    let mut connection = Connection::open(address, Duration::from_secs(10))?;
    let mut times = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        let answer = connection.send(&Request::get("/api/customers/customers?count=1", token))?;
        ensure!(answer.status == 200, "{}", answer.shown());
        times.push(begun.elapsed().as_secs_f64() * 1000.0);
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(times)
}
