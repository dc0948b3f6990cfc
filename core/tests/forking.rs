//! A process that forks: the parent's connections live on, the child's copies are dead and say so. The only test of its
//! program: a child has nothing but the thread that forked.
#![cfg(unix)]

mod common;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use common::{LIMIT, Pair, receive};
use gamesockets::{Error, Event, SendFlags, Sockets, Topic, Watches};

/// What is asked of the child's copies; the number of the first wrong answer, or 0.
fn wrong_answer_in_the_child(pair: Pair) -> i32 {
    let Pair { server, client, accepted, connected, listen, .. } = pair;
    let address = "127.0.0.1:9".parse().unwrap();
    let answers = [
        client.send_message_to_connection(connected, b"by the parent's keys", SendFlags::RELIABLE_NO_NAGLE).err(),
        client.receive_messages_on_connection(connected, 1).err(),
        client.connect_by_ip_address(address, &[]).err(),
        client.connection_info(connected).err(),
        client.connection_real_time_status(connected).err(),
        client.flush_messages_on_connection(connected).err(),
        client.wait_messages(connected, LIMIT).err(),
        client.wait_writable(connected, LIMIT).err(),
        client.create_poll_group().err(),
        client.create_socket_pair(false, None, None).err(),
        server.close_connection(accepted, 0, "", true).err(),
        server.listen_socket_address(listen).err(),
        server.close_listen_socket(listen).err(),
        Watches::new(|| {}).watch(&server, Topic::Events).err(),
    ];
    if let Some(wrong) = answers.iter().position(|answer| *answer != Some(Error::Forked)) {
        return 10 + wrong as i32;
    }
    let said = |event| matches!(event, Some(Event::DebugOutput { message, .. }) if message.contains("fork"));
    if !said(client.poll_event()) || client.poll_event().is_some() || !said(server.wait_event(LIMIT)) {
        return 2;
    }
    if server.wait_events(Duration::from_millis(1)) || !server.certificate_request().is_empty() {
        return 3;
    }
    drop((server, client));
    // New ones work.
    let Ok(sockets) = Sockets::anonymous() else { return 4 };
    let Ok((one, two)) = sockets.create_socket_pair(true, None, None) else { return 5 };
    if sockets.send_message_to_connection(one, b"new", SendFlags::RELIABLE_NO_NAGLE).is_err() {
        return 6;
    }
    if sockets.wait_messages(two, LIMIT) == Ok(true) { 0 } else { 7 }
}

#[test]
fn a_fork_has_dead_copies_and_says_so() {
    let pair = Pair::new();
    let (server, client, accepted, connected) =
        (pair.server.clone(), pair.client.clone(), pair.accepted, pair.connected);
    // SAFETY: the child has this thread only, takes no lock of another one's, and ends without unwinding or cleaning up.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "no fork");
    if child == 0 {
        let answer = std::panic::catch_unwind(AssertUnwindSafe(|| {
            drop((server, client));
            wrong_answer_in_the_child(pair)
        }));
        // SAFETY: ends the child at once, with nothing of the parent's flushed twice.
        unsafe { libc::_exit(answer.unwrap_or(99)) };
    }
    assert_eq!(wait_for_child(child), 0, "the child got a wrong answer");
    // The parent has noticed nothing.
    for (from, to, sender, receiver) in
        [(&client, &server, connected, accepted), (&server, &client, accepted, connected)]
    {
        from.send_message_to_connection(sender, b"still here", SendFlags::RELIABLE_NO_NAGLE).unwrap();
        assert_eq!(receive(to, receiver, 1)[0].payload, &b"still here"[..]);
    }
}

/// The exit status of the child; -1 if it hangs.
fn wait_for_child(child: i32) -> i32 {
    let deadline = Instant::now() + 2 * LIMIT;
    let mut status = 0;
    while Instant::now() < deadline {
        // SAFETY: `status` is a place of ours, and `child` a child of ours.
        if unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } == child {
            return if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -2 };
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    // SAFETY: a child of ours that was not waited for.
    unsafe { libc::kill(child, libc::SIGKILL) };
    -1
}
