//! The content of the log, and the secrets it must not hold.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, Mutex, Once};

use super::{Running, SMALL, head, plan};
use crate::core_tests::http_client::Client;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

thread_local! {
    /// The sink of this thread's log; none by default.
    static LOG: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// One subscriber for the whole binary: those of single threads miss what another thread
/// was the first to log.
fn subscribe() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let writer = || -> Box<dyn io::Write> {
            match LOG.with_borrow(Clone::clone) {
                Some(log) => Box::new(log),
                None => Box::new(io::sink()),
            }
        };
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(writer)
            .init();
    });
}

/// The log of a server that was sent these requests, each on its own connection.
fn log_of(requests: &[String]) -> String {
    subscribe();
    let log = Log::default();
    let writer = log.clone();
    let mut server = Running::on(plan(), SMALL, Default::default(), move || {
        LOG.set(Some(writer));
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
    });
    for request in requests {
        Client::connect(&server.authority).send(request).reply();
    }
    server.join().expect("no error");
    let bytes = log.0.lock().expect("nobody panicked").clone();
    String::from_utf8(bytes).expect("text")
}

#[test]
fn an_answer_is_logged_with_its_operation_and_a_refusal_with_its_hint() {
    let log = log_of(&[
        head("GET", "/?Action=ListSynchronizationJobs&Version=2021-12-01", ""),
        head("GET", "/?Action=ListSynchronizationJob&Version=2021-12-01", ""),
        head("GET", "/_syncmock/health", ""),
        "nonsense\r\n\r\n".into(),
        "\u{16}\u{3}\u{1}\0\u{5}hello\r\n\r\n".into(),
        head("POST", "/long", "Content-Length: 100001\r\n"),
    ]);
    let line = |words: &[&str]| {
        let found = log.lines().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(found, "no line with {words:?} in:\n{log}");
    };
    line(&["DEBUG", "method=GET path=\"/\"", "operation=eiam ListSynchronizationJobs", "micros="]);
    line(&[
        "INFO",
        "GET / was refused with InvalidAction.NotFound (HTTP 404): did you mean Action=ListSynchronizationJobs?",
    ]);
    line(&["DEBUG", "path=\"/_syncmock/health\" status=200"]);
    line(&["INFO", "a malformed request was refused (invalid HTTP method parsed)"]);
    line(&["INFO", "a client of https:// was turned away"]);
    line(&["INFO", "POST /long was not read: TooLong"]);
}

/// Only the thread that drives the sockets writes to this log.
#[test]
fn an_answer_that_can_take_long_is_made_on_another_thread() {
    let large = "x".repeat(20_000);
    let log = log_of(&[
        head("GET", "/_syncmock/health", ""),
        head("GET", "/small", ""),
        head("GET", "/_syncmock/state", ""),
        head("POST", "/_syncmock/reset", ""),
        head("GET", &format!("/large?{large}"), ""),
        head("POST", "/large", "Content-Length: 20000\r\n") + &large,
    ]);
    for path in ["/_syncmock/health", "/small"] {
        assert!(log.contains(path), "{path} is not in:\n{log}");
    }
    for path in ["/_syncmock/state", "/_syncmock/reset", "/large"] {
        assert!(!log.contains(path), "{path} is in:\n{log}");
    }
}

#[test]
fn the_log_holds_no_query_no_header_and_no_body() {
    let form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 16\r\n";
    let log = log_of(&[
        head("GET", "/?Signature=hush&AccessKeyId=hush", "Authorization: hush\r\n"),
        head("GET", "/v5/hush-free/jobs?token=hush", "X-Auth-Token: hush\r\n"),
        head("GET", "/api/v3/no?hush", "x-authing-hush: hush\r\n"),
        head("POST", "/", form) + "Signature=hush&x",
        head("PUT", "/_syncmock/clock?hush", "Content-Length: 6\r\n") + "\"hush\"",
        "hush hush hush\r\nhush\r\n\r\n".into(),
        head("POST", "/?hush", "Hush: hush\r\nContent-Length: 100001\r\n"),
    ]);
    let safe = log.replace("hush-free", "");
    assert!(log.contains("/v5/hush-free/jobs") && !safe.contains("hush"), "{log}");
}
