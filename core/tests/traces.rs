//! Traces: a file per connection, JSON on every line, bounded.

mod common;

use std::path::PathBuf;

use common::{connect, payload, receive};
use gamesockets::{ConnectionState, ResultCode, SendFlags, Sockets};
use serde_json::Value;

/// A directory of one test, gone with it.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gamesockets-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    /// The lines of each trace, the client's first.
    fn traces(&self) -> Vec<Vec<Value>> {
        let mut files: Vec<_> = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort_by_key(|path| path.to_string_lossy().ends_with("server.jsonl"));
        let lines = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
        };
        files.iter().map(lines).collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Sends something from a client to a server that both write traces.
fn converse(directory: &Directory, size_limit: u64) {
    let builder = || Sockets::builder().trace_directory(&directory.0).trace_size_limit(size_limit);
    let (server, client) = (builder().build().unwrap(), builder().build().unwrap());
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let (accepted, connected) = connect(&server, &client, address, &[]);
    client.send_message_to_connection(connected, &payload(20_000, 0), SendFlags::RELIABLE).unwrap();
    receive(&server, accepted, 1);
    client.close_connection(connected, 0, "", true).unwrap();
}

#[test]
fn both_ends_write_what_happened() {
    let directory = Directory::new("both-ends");
    converse(&directory, u64::MAX);
    let traces = directory.traces();
    assert_eq!(traces.len(), 2);
    for (trace, role) in traces.iter().zip(["client", "server"]) {
        assert_eq!(trace[0]["trace"]["vantage_point"]["type"], role);
        let times: Vec<f64> = trace[1..].iter().map(|event| event["time"].as_f64().unwrap()).collect();
        assert!(times.is_sorted(), "{times:?}");
    }
    let count = |trace: usize, name: &str| traces[trace].iter().filter(|event| event["name"] == name).count();
    assert!(count(0, "transport:packet_sent") >= 17, "20,000 bytes take that many packets");
    assert!(count(1, "transport:packet_received") >= 17);
    assert!(count(0, "recovery:packet_acked") >= 10);
    assert!(count(0, "transport:control_sent") >= 2, "the handshake");
    let states = |trace: usize| {
        let changes = traces[trace].iter().filter(|event| event["name"] == "connectivity:connection_state_updated");
        changes.map(|event| event["data"]["new"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states(0)[..2], ["Connecting", "Connected"]);
    assert_eq!(states(1)[..2], ["Connecting", "Connected"]);
    let queued = traces[0].iter().filter_map(|event| event["data"]["pending_reliable"].as_u64()).max();
    assert!(queued.is_some_and(|bytes| bytes > 15_000), "{queued:?}");
}

#[test]
fn strangers_fill_no_disk() {
    let directory = Directory::new("strangers");
    let server = Sockets::builder().trace_directory(&directory.0).trace_file_limit(2).build().unwrap();
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let files = || std::fs::read_dir(&directory.0).unwrap().count();
    let client = Sockets::anonymous().unwrap();
    let strangers = [(); 4].map(|()| {
        client.connect_by_ip_address(address, &[]).unwrap();
        common::wait_for(&server, ConnectionState::Connecting).0
    });
    assert_eq!(files(), 0, "nobody was accepted");
    for stranger in strangers {
        server.accept_connection(stranger).unwrap();
        let _ = server.accept_connection(stranger);
    }
    assert_eq!(files(), 2, "as many as were allowed");
}

#[test]
fn a_trace_ends_when_it_is_full() {
    let directory = Directory::new("full");
    converse(&directory, 2_000);
    for trace in directory.traces() {
        assert_eq!(trace.last().unwrap()["name"], "trace:size_limit_reached");
        let size: usize = trace.iter().map(|line| line.to_string().len()).sum();
        assert!(size < 2_200, "{size}");
    }
}

#[test]
fn a_directory_that_cannot_be_made_is_refused_by_name() {
    let directory = Directory::new("file");
    std::fs::write(&directory.0, "a file").unwrap();
    let error = Sockets::builder().trace_directory(directory.0.join("below")).build().unwrap_err();
    assert_eq!(error.code(), ResultCode::Fail);
    assert!(error.to_string().contains("below"), "{error}");
    std::fs::remove_file(&directory.0).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_takes_no_files_is_named_at_once() {
    // It is there, and not even root can make a file in it.
    let error = Sockets::builder().trace_directory("/proc/self").build().unwrap_err();
    assert!(error.to_string().contains("/proc/self"), "{error}");
}
