//! `syncmock serve` as a process: what becomes of its outputs, its port file and its descriptors.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use crate::http_client::{Client, get};

/// A server as a process of its own, which is killed when this is dropped.
struct Process {
    child: Child,
    authority: String,
    folder: tempfile::TempDir,
}

/// `limit` is a command of the shell for the process's limits.
fn start_limited(limit: &str, stdout: Stdio, stderr: Stdio) -> Process {
    let folder = tempfile::tempdir().unwrap();
    let file = port_file(folder.path());
    let serve = format!("{limit}; exec \"$0\" serve --listen 127.0.0.1:0 -v --port-file \"$1\"");
    let mut child = Command::new("sh")
        .args(["-c", &serve, env!("CARGO_BIN_EXE_syncmock")])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .unwrap();
    let port = loop {
        if let Ok(port) = std::fs::read_to_string(&file) {
            break port;
        }
        assert!(child.try_wait().unwrap().is_none(), "it ended before it listened");
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    Process { child, authority: format!("127.0.0.1:{port}"), folder }
}

fn start(stdout: Stdio, stderr: Stdio) -> Process {
    start_limited(":", stdout, stderr)
}

fn port_file(folder: &Path) -> PathBuf {
    folder.join("port")
}

impl Process {
    /// Each is logged.
    fn ask(&self, times: usize) {
        let mut client = Client::connect(&self.authority);
        let request = "GET /nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n";
        for _ in 0..times {
            assert_eq!(client.send(request).reply().status, 404);
        }
    }

    /// As Ctrl-C and `kill` do.
    fn terminate(&mut self) -> ExitStatus {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(kill.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_whose_log_is_a_closed_pipe_goes_on_serving() {
    let mut server = start(Stdio::piped(), Stdio::piped());
    // `serve 2>&1 | grep -m1 listening`: the line was found, and the reader is gone.
    let mut line = String::new();
    BufReader::new(server.child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, format!("syncmock listening on http://{}\n", server.authority));
    drop(server.child.stderr.take());
    server.ask(100);
    assert_eq!(get(&server.authority, "/_syncmock/health").status, 200);
    assert!(server.terminate().success());
}

#[test]
fn a_server_whose_log_is_a_full_pipe_goes_on_serving_and_says_how_much_was_lost() {
    let mut server = start(Stdio::null(), Stdio::piped());
    // More than the pipe and the queue before it hold.
    server.ask(6_000);
    assert_eq!(get(&server.authority, "/_syncmock/health").status, 200);
    let mut log = BufReader::new(server.child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains(" log lines were dropped: nobody took them") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the log ends without a report");
    }
    let lost: usize = line.split(' ').next().unwrap().parse().unwrap();
    assert!(lost > 0 && lost < 12_000, "{line}");
    // It works again.
    server.ask(1);
    while !line.contains("/nowhere") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the log ends");
    }
    assert!(server.terminate().success());
}

#[test]
fn a_server_whose_log_is_full_and_stays_unread_obeys_a_signal() {
    let mut server = start(Stdio::null(), Stdio::piped());
    server.ask(6_000);
    assert!(server.terminate().success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_does_not_end_a_server() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut server = start(full().into(), full().into());
    server.ask(100);
    assert!(server.terminate().success());
}

#[test]
fn the_log_is_written_in_full_where_it_is_taken() {
    let mut server = start(Stdio::null(), Stdio::piped());
    let mut log = server.child.stderr.take().unwrap();
    server.ask(100);
    assert!(server.terminate().success());
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("path=\"/nowhere\"").count(), 100, "{text}");
}

#[test]
fn the_port_file_is_gone_once_the_server_is() {
    let mut server = start(Stdio::null(), Stdio::null());
    let file = port_file(server.folder.path());
    assert!(file.exists());
    assert!(server.terminate().success());
    assert!(!file.exists());
    assert_eq!(std::fs::read_dir(server.folder.path()).unwrap().count(), 0);
}

#[test]
fn a_port_file_that_is_no_regular_file_is_refused_before_the_server_listens() {
    let folder = tempfile::tempdir().unwrap();
    let (target, link) = (folder.path().join("target"), port_file(folder.path()));
    std::fs::write(&target, "kept").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    for path in [&link, &folder.path().to_owned(), &PathBuf::from("/dev/null")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_syncmock"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--port-file"]).arg(path);
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(output.stdout.is_empty());
        assert!(said.contains("cannot be written: it is a"), "{said}");
    }
    assert!(link.is_symlink());
    assert_eq!(std::fs::read_to_string(&target).unwrap(), "kept");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_port_that_is_taken_is_an_error_that_says_what_to_do_and_leaves_the_port_file_alone() {
    let server = start(Stdio::null(), Stdio::null());
    let file = port_file(server.folder.path());
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncmock"));
    command.args(["serve", "--listen", &server.authority, "--port-file"]).arg(&file);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("an earlier syncmock") && said.contains("127.0.0.1:0"), "{said}");
    assert!(server.authority.ends_with(&std::fs::read_to_string(&file).unwrap()));
}

fn open_connections(server: &Process, number: usize) -> Vec<Client> {
    let connect = |_| {
        let mut client = Client::connect(&server.authority);
        // It is accepted once it is answered.
        client.send("GET /_syncmock/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(client.reply().status, 200);
        client
    };
    (0..number).map(connect).collect()
}

#[test]
fn the_soft_limit_of_descriptors_is_raised() {
    let mut server = start_limited("ulimit -S -n 64", Stdio::null(), Stdio::null());
    for mut client in open_connections(&server, 150) {
        client.send("GET /_syncmock/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_eq!(client.reply().status, 200, "no connection was closed");
    }
    assert!(server.terminate().success());
}

#[test]
fn at_the_hard_limit_of_descriptors_the_longest_idle_connections_are_closed_and_it_is_said_once() {
    let mut server = start_limited("ulimit -n 128", Stdio::null(), Stdio::piped());
    let mut log = server.child.stderr.take().unwrap();
    let mut clients = open_connections(&server, 200);
    assert_eq!(clients[0].rest(), b"", "the longest idle is closed");
    let newest = clients.last_mut().unwrap();
    newest.send("GET /_syncmock/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(newest.reply().status, 200);
    drop(clients);
    assert!(server.terminate().success());
    let mut text = String::new();
    log.read_to_string(&mut text).unwrap();
    assert_eq!(text.matches("the longest idle is closed").count(), 1, "{text}");
    assert!(!text.contains("cannot accept"), "{text}");
}
