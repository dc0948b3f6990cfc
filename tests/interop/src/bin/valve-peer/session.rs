//! What `valve-peer` does with its commands, and with what arrives.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use gamesockets_interop::payload::{hash, pattern};
use gamesockets_interop::protocol::{Command, Incoming, Outgoing, Output, Receive, Reply, Scope, Tally};

use crate::calls;
use crate::library::{Library, Received};

/// `k_EResultInvalidParam`, the library's answer to a handle it does not know.
const INVALID_PARAM: i32 = 8;
/// `-k_EResultLimitExceeded`: the send buffer is full.
const BUFFER_FULL: i64 = -25;
/// `k_ESteamNetworkingConnectionState_Connecting`.
const CONNECTING: i32 = 1;
/// Messages queued with one call, unless they are large.
const BATCH: u64 = 64;
/// Bytes queued with one call, unless one message is larger.
const BATCH_BYTES: usize = 64 * 1024;

/// A library and the work it was given.
pub(crate) struct Session {
    library: Library,
    receive: Receive,
    /// The unfinished `SendMany`s of each connection, in order.
    sending: HashMap<u32, VecDeque<Job>>,
    /// Messages to echo that the send buffer had no room for, in order. They do not wait in the library: it closes a
    /// connection whose receive buffer overflows.
    backlog: VecDeque<Echo>,
    tally: Tally,
    first_arrival: Option<Instant>,
}

/// The rest of a `SendMany`.
struct Job {
    next: Outgoing,
    left: u64,
}

struct Echo {
    connection: u32,
    lane: u16,
    flags: i32,
    payload: Vec<u8>,
}

impl Session {
    pub(crate) fn new(library: Library) -> Self {
        Self {
            library,
            receive: Receive::Report,
            sending: HashMap::new(),
            backlog: VecDeque::new(),
            tally: Tally::default(),
            first_arrival: None,
        }
    }

    /// Carries out one command; `None` ends the program.
    pub(crate) fn command(&mut self, command: Command) -> Option<Reply> {
        let library = &self.library;
        Some(match command {
            Command::Listen { address, options } => Reply::Handle(library.listen(address.into(), &options)),
            Command::Connect { address, options } => {
                let connection = library.connect(address.into(), &options);
                library.adopt(connection);
                Reply::Handle(connection)
            }
            Command::Accept { connection } => Reply::Result(library.accept(connection)),
            Command::Close { connection, reason, debug, linger } => {
                Reply::Result(library.close(connection, reason, &debug, linger))
            }
            Command::CloseListenSocket { socket } => Reply::Result(library.close_listen_socket(socket)),
            Command::Send { connection, message } => Reply::Number(send_one(library, connection, &message)),
            Command::SendMany { connection, message, count } => {
                self.sending.entry(connection).or_default().push_back(Job { next: message, left: count });
                Reply::Result(1)
            }
            Command::Lanes { connection, priorities, weights } => {
                Reply::Result(library.configure_lanes(connection, &priorities, Some(&weights)))
            }
            Command::Flush { connection } => Reply::Result(library.flush(connection)),
            Command::Info { connection } => library.info(connection).map_or(Reply::Result(INVALID_PARAM), Reply::Info),
            Command::Status { connection } => {
                let status = library.status(connection, 0).map(|(status, _)| status);
                status.map_or_else(Reply::Result, Reply::Status)
            }
            Command::Set { scope, setting } => {
                let connection = match scope {
                    Scope::Global => 0,
                    Scope::Connection(connection) => connection,
                };
                Reply::Result(library.set_config(connection, &setting))
            }
            Command::Call(call) => Reply::Answer(calls::make(library, call)),
            Command::Receive(receive) => {
                self.receive = receive;
                self.tally = Tally::default();
                self.first_arrival = None;
                Reply::Result(1)
            }
            Command::Tally => Reply::Tally(self.tally),
            Command::Quit => return None,
        })
    }

    /// One round of callbacks, messages and pending work. Answers whether there was any, so that the next should follow.
    pub(crate) fn work(&mut self, output: &mut impl FnMut(Output)) -> bool {
        let events = self.library.events();
        let mut busy = !events.is_empty();
        for event in events {
            if event.info.state == CONNECTING && !matches!(self.receive, Receive::Leave) {
                self.library.adopt(event.connection);
            }
            output(Output::Event(event));
        }
        self.drain_backlog();
        busy |= self.take_messages(output);
        busy | self.send_more(output)
    }

    fn take_messages(&mut self, output: &mut impl FnMut(Output)) -> bool {
        let Self { library, receive, backlog, tally, first_arrival, .. } = self;
        let count = library.receive(|message| match receive {
            Receive::Report | Receive::Leave => output(Output::Message(describe(&message))),
            Receive::Echo => {
                let Received { connection, lane, flags, payload, .. } = message;
                let full = !backlog.is_empty()
                    || library.send(connection, lane, flags, &[payload]).first() == Some(&BUFFER_FULL);
                if full {
                    backlog.push_back(Echo { connection, lane, flags, payload: payload.to_vec() });
                }
            }
            Receive::Count => {
                let first = *first_arrival.get_or_insert_with(Instant::now);
                tally.messages += 1;
                tally.bytes += message.payload.len() as u64;
                tally.micros = first.elapsed().as_micros() as u64;
            }
        });
        count > 0
    }

    fn drain_backlog(&mut self) {
        while let Some(Echo { connection, lane, flags, payload }) = self.backlog.front() {
            if self.library.send(*connection, *lane, *flags, &[payload]).first() == Some(&BUFFER_FULL) {
                return;
            }
            self.backlog.pop_front();
        }
    }

    fn send_more(&mut self, output: &mut impl FnMut(Output)) -> bool {
        let mut busy = false;
        for (&connection, jobs) in &mut self.sending {
            while let Some(job) = jobs.front_mut() {
                let complete = job.send_batch(&self.library, connection);
                if job.left > 0 {
                    // A full buffer is tried again after a pause: calls in a row would keep the library from sending.
                    busy |= complete;
                    break;
                }
                jobs.pop_front();
                output(Output::Sent { connection });
            }
        }
        self.sending.retain(|_, jobs| !jobs.is_empty());
        busy
    }
}

impl Job {
    /// Queues what the send buffer takes of the next batch; answers whether that was all of it. A connection that takes
    /// none any more ends the job.
    fn send_batch(&mut self, library: &Library, connection: u32) -> bool {
        let fitting = (BATCH_BYTES / self.next.len.max(1)).max(1) as u64;
        let count = self.left.min(BATCH).min(fitting);
        let payloads: Vec<_> = (0..count).map(|index| pattern(self.next.len, self.next.seed + index)).collect();
        let payloads: Vec<_> = payloads.iter().map(Vec::as_slice).collect();
        let numbers = library.send(connection, self.next.lane, self.next.flags, &payloads);
        let queued = numbers.iter().take_while(|&&number| number > 0).count() as u64;
        self.next.seed += queued;
        self.left -= queued;
        let refused = numbers.iter().find(|&&number| number <= 0);
        if refused.is_some_and(|&number| number != BUFFER_FULL) {
            eprintln!("valve-peer: sending ended with result {}: {} messages left", -refused.unwrap_or(&0), self.left);
            self.left = 0;
        }
        queued == count
    }
}

fn send_one(library: &Library, connection: u32, message: &Outgoing) -> i64 {
    let payload = pattern(message.len, message.seed);
    let numbers = library.send(connection, message.lane, message.flags, &[&payload]);
    numbers.first().copied().unwrap_or(0)
}

pub(crate) fn describe(message: &Received<'_>) -> Incoming {
    Incoming {
        connection: message.connection,
        lane: message.lane,
        flags: message.flags,
        number: message.number,
        len: message.payload.len(),
        hash: hash(message.payload),
    }
}
