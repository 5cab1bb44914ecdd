//! An answer that is sent as HTTP does not want it: slowly, not in full, or malformed. The
//! bytes are written by hand, and the connection ends with them.

use std::io;
use std::time::Duration;

use http::header;
use socket2::SockRef;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::limits::Limits;
use super::socket::gone;
use crate::fault::{Cut, End, Wire};
use crate::wire::Reply;

pub(crate) struct RawResponseWriter {
    bytes: Vec<u8>,
    /// Where the body begins.
    body: usize,
    wire: Wire,
}

/// Size of a piece of an answer that is not slow (bytes); the client has to take each in time.
const LARGE_PIECE: usize = 64 << 10;

/// Number of pieces per second in which a slow answer is sent, if it has that many bytes.
const PIECES: u64 = 10;

impl RawResponseWriter {
    /// Answers to HEAD have no body.
    pub(crate) fn new(reply: &Reply, bodiless: bool, wire: Wire) -> Self {
        let mut bytes = format!("HTTP/1.1 {}\r\n", reply.status()).into_bytes();
        for (name, value) in reply.headers() {
            bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        if wire.bad_chunks {
            bytes.extend(b"transfer-encoding: chunked\r\n");
        } else if !reply.headers().contains_key(header::CONTENT_LENGTH) {
            bytes.extend(format!("content-length: {}\r\n", reply.body().len()).into_bytes());
        }
        if wire.cut.is_none() {
            bytes.extend(b"connection: close\r\n");
        }
        bytes.extend(b"\r\n");
        let body = bytes.len();
        match reply.body() {
            _ if bodiless => {}
            whole if wire.bad_chunks => {
                let (good, bad) = whole.split_at(whole.len() / 2);
                bytes.extend(format!("{:x}\r\n", good.len()).into_bytes());
                bytes.extend(good);
                bytes.extend(b"\r\nsize\r\n");
                bytes.extend(bad);
                bytes.extend(b"\r\n0\r\n\r\n");
            }
            whole => bytes.extend(whole),
        }
        Self { bytes, body, wire }
    }

    /// The bytes up to the silence, and those after it, as far as they are sent.
    fn halves(&self) -> (&[u8], &[u8]) {
        let middle = self.body + (self.bytes.len() - self.body) / 2;
        let end = match self.wire.cut {
            Some((Cut::BeforeResponse, _)) => 0,
            Some((Cut::MidHeaders, _)) => self.body / 2,
            Some((Cut::MidBody, _)) => middle,
            None => self.bytes.len(),
        };
        self.bytes[..end].split_at(middle.min(end))
    }

    /// # Errors
    /// If the client is gone, or takes too long to read.
    pub(crate) async fn run(self, stream: &mut TcpStream, limits: &Limits) -> io::Result<()> {
        let longest = self.shortest_time().saturating_add(limits.answer_time);
        timeout(longest, self.play(stream, limits.head_time)).await?
    }

    /// How long it takes if the client reads as fast as it can.
    fn shortest_time(&self) -> Duration {
        let stall = Duration::from_millis(self.wire.stall.unwrap_or(0));
        let Some(rate) = self.wire.drip else { return stall };
        let (size, pause) = pace(rate);
        let pieces = u32::try_from(self.bytes.len().div_ceil(size) + 2).unwrap_or(u32::MAX);
        stall.saturating_add(pause.saturating_mul(pieces))
    }

    async fn play(&self, stream: &mut TcpStream, longest_silence: Duration) -> io::Result<()> {
        let (first, second) = self.halves();
        self.send(first, stream, longest_silence).await?;
        if let Some(stall) = self.wire.stall {
            wait(Duration::from_millis(stall), stream).await?;
        }
        self.send(second, stream, longest_silence).await?;
        match self.wire.cut {
            // Closing with nothing to linger for resets the connection.
            Some((_, End::Reset)) => SockRef::from(&*stream).set_linger(Some(Duration::ZERO)),
            _ => stream.shutdown().await,
        }
    }

    async fn send(
        &self,
        bytes: &[u8],
        stream: &mut TcpStream,
        longest_silence: Duration,
    ) -> io::Result<()> {
        let pace = self.wire.drip.map(pace);
        for piece in bytes.chunks(pace.map_or(LARGE_PIECE, |(size, _)| size)) {
            timeout(longest_silence, stream.write_all(piece)).await??;
            if let Some((_, pause)) = pace {
                wait(pause, stream).await?;
            }
        }
        Ok(())
    }
}

/// # Errors
/// If the client goes away meanwhile.
async fn wait(time: Duration, stream: &TcpStream) -> io::Result<()> {
    tokio::select! {
        () = sleep(time) => Ok(()),
        () = gone(|| stream) => Err(io::ErrorKind::BrokenPipe.into()),
    }
}

/// The size of a piece and the pause after it, for a rate in bytes per second.
fn pace(rate: u64) -> (usize, Duration) {
    let size = (rate / PIECES).max(1);
    // Wide enough for any rate that can be written.
    let millis = 1_000 * u128::from(size) / u128::from(rate.max(1));
    let pause = Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX));
    (usize::try_from(size).unwrap_or(usize::MAX), pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves(wire: Wire) -> (String, String) {
        let mut reply = Reply::new("0123456789".into());
        reply.headers_mut().insert("a", http::HeaderValue::from_static("b"));
        let playback = RawResponseWriter::new(&reply, false, wire);
        let (first, second) = playback.halves();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(first), text(second))
    }

    #[test]
    fn an_answer_is_cut_where_it_says() {
        let head = "HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 10\r\n\r\n";
        let cut = |cut| halves(Wire { cut: Some((cut, End::Reset)), ..Wire::default() });
        assert_eq!(cut(Cut::BeforeResponse), (String::new(), String::new()));
        assert_eq!(cut(Cut::MidHeaders), (head[..head.len() / 2].into(), String::new()));
        assert_eq!(cut(Cut::MidBody), (format!("{head}01234"), String::new()));
        let whole = halves(Wire { stall: Some(1), ..Wire::default() });
        let head = head.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
        assert_eq!(whole, (format!("{head}01234"), "56789".into()));
    }

    /// The outcome for a client that reads nothing.
    fn sent_to_nobody(wire: Wire, limits: &Limits) -> io::Result<()> {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().build().expect("a runtime").block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let _client = TcpStream::connect(address).await.expect("a connection");
            let (mut stream, _) = listener.accept().await.expect("a connection");
            // More than the buffers of any socket hold.
            let reply = Reply::new(vec![b'x'; 64 << 20].into());
            RawResponseWriter::new(&reply, false, wire).run(&mut stream, limits).await
        })
    }

    #[test]
    fn an_answer_that_nobody_reads_is_given_up() {
        let ms = Duration::from_millis;
        for wire in [
            Wire { stall: Some(1), ..Wire::default() },
            Wire { drip: Some(u64::MAX), ..Wire::default() },
        ] {
            let silent = Limits { head_time: ms(20), ..Limits::default() };
            let slow = Limits { answer_time: ms(20), ..Limits::default() };
            for limits in [silent, slow] {
                let outcome = sent_to_nobody(wire, &limits).map_err(|error| error.kind());
                assert_eq!(outcome, Err(io::ErrorKind::TimedOut), "{wire:?}");
            }
        }
    }

    #[test]
    fn a_drip_has_a_pace_whatever_its_rate() {
        let millis = |rate| (pace(rate).0, pace(rate).1.as_millis());
        assert_eq!((millis(1), millis(4)), ((1, 1_000), (1, 250)));
        assert_eq!((millis(15), millis(20_000)), ((1, 66), (2_000, 100)));
        assert_eq!(pace(u64::MAX).1.as_millis(), 99);
    }

    #[test]
    fn a_bad_chunk_follows_a_good_one() {
        let (first, second) = halves(Wire { bad_chunks: true, ..Wire::default() });
        let all = first + &second;
        assert!(all.contains("transfer-encoding: chunked") && !all.contains("content-length"));
        assert!(all.ends_with("\r\n\r\n5\r\n01234\r\nsize\r\n56789\r\n0\r\n\r\n"), "{all}");
    }
}
