//! The victim: accepts who comes and echoes what they say. What it is asked on its standard input it answers on its
//! standard output, a line each.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::time::Duration;

use gamesockets::{ConfigEntry, ConfigValue, Connection, ConnectionState, Event, OutgoingMessage, SendFlags, Sockets};

use crate::memory;

/// How the victim behaves.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct Options {
    /// Do not accept: connections stay half open.
    #[arg(long)]
    pub(crate) hold: bool,
    /// Do not read what comes from this address: messages wait.
    #[arg(long)]
    pub(crate) deaf_to: Option<String>,
    /// Do not echo what comes from this address.
    #[arg(long)]
    pub(crate) mute_to: Option<String>,
    /// Send every new connection this many bytes.
    #[arg(long, default_value_t = 0)]
    pub(crate) greeting: usize,
    /// Close every connection with linger as soon as it is greeted.
    #[arg(long)]
    pub(crate) linger: bool,
    /// LingerTime, milliseconds.
    #[arg(long)]
    pub(crate) linger_time: Option<i32>,
}

impl Options {
    /// As arguments.
    pub(crate) fn to_arguments(&self) -> Vec<String> {
        let mut arguments = vec!["server".to_owned()];
        arguments.extend(self.hold.then(|| "--hold".to_owned()));
        arguments.extend(self.deaf_to.iter().map(|address| format!("--deaf-to={address}")));
        arguments.extend(self.mute_to.iter().map(|address| format!("--mute-to={address}")));
        arguments.extend(self.linger.then(|| "--linger".to_owned()));
        arguments.extend(["--greeting".to_owned(), self.greeting.to_string()]);
        arguments.extend(self.linger_time.map(|time| format!("--linger-time={time}")));
        arguments
    }
}

/// The mark of a connection that is not answered.
const MUTE: i64 = 7;

/// Everything that has happened, as `events` answers it.
#[derive(Default)]
struct Seen {
    connecting: u64,
    connected: u64,
}

pub(crate) fn run(options: &Options) {
    let mut builder = Sockets::builder();
    if let Some(time) = options.linger_time {
        builder = builder.option(ConfigEntry::new(ConfigValue::LINGER_TIME, time));
    }
    let sockets = builder.build().expect("an instance");
    let listen = sockets.create_listen_socket_ip(([127, 0, 0, 1], 0).into(), &[]).expect("a port");
    say(&sockets.listen_socket_address(listen).expect("bound"));
    let group = sockets.create_poll_group().expect("a poll group");
    let commands = commands();
    let (mut seen, mut living) = (Seen::default(), HashMap::new());
    loop {
        if let Some(event) = sockets.wait_event(Duration::from_millis(1)) {
            take(&sockets, options, event, &mut seen, &mut living, group);
            while let Some(event) = sockets.poll_event() {
                take(&sockets, options, event, &mut seen, &mut living, group);
            }
        }
        let messages = sockets.receive_messages_on_poll_group(group, 4_096).expect("a poll group");
        let answers = messages.iter().filter(|message| message.user_data != MUTE).map(|message| OutgoingMessage {
            connection: message.connection,
            payload: &message.payload,
            lane: 0,
            flags: message.flags | SendFlags::NO_NAGLE,
        });
        sockets.send_messages(answers);
        match commands.try_recv() {
            Ok(command) => match command.trim() {
                "heap" => say(&memory::in_use()),
                "events" => say(&format!("{} {} {}", seen.connecting, seen.connected, living.len())),
                other => say(&format!("unknown {other}")),
            },
            Err(TryRecvError::Empty) => {}
            Err(TryRecvError::Disconnected) => return,
        }
    }
}

fn take(
    sockets: &Sockets,
    options: &Options,
    event: Event,
    seen: &mut Seen,
    living: &mut HashMap<Connection, ()>,
    group: gamesockets::PollGroup,
) {
    let Event::ConnectionStatusChanged { connection, info, .. } = event else { return };
    match info.connection_state {
        ConnectionState::Connecting => {
            seen.connecting += 1;
            living.insert(connection, ());
            // Who has gone meanwhile is told of by the next event.
            let from = Some(&info.remote_address);
            if options.mute_to.as_ref() == from {
                let _ = sockets.set_connection_user_data(connection, MUTE);
            }
            if options.deaf_to.as_ref() != from {
                let _ = sockets.set_connection_poll_group(connection, Some(group));
            }
            if !options.hold {
                // Who has gone meanwhile is told of by the next event.
                let _ = sockets.accept_connection(connection);
                // Before the client has proven itself: what it asked for is not to be turned against others.
                send_greeting(sockets, options, connection);
            }
        }
        ConnectionState::Connected => {
            seen.connected += 1;
            if options.linger {
                let _ = sockets.close_connection(connection, 0, "enough", true);
                living.remove(&connection);
            }
        }
        ConnectionState::None => {
            living.remove(&connection);
        }
        _ => {
            living.remove(&connection);
            let _ = sockets.close_connection(connection, 0, "", false);
        }
    }
}

fn send_greeting(sockets: &Sockets, options: &Options, connection: Connection) {
    if options.greeting > 0 {
        let greeting = vec![0; options.greeting];
        let _ = sockets.send_message_to_connection(connection, &greeting, SendFlags::RELIABLE);
    }
}

/// What is asked; the channel closes with the standard input.
pub(crate) fn commands() -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

/// An answer.
pub(crate) fn say(answer: &dyn std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    // Whoever asked may be gone.
    let _ = writeln!(out, "{answer}").and_then(|()| out.flush());
}
