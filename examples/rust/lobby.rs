//! Players meet in a lobby and talk.
//!
//! ```text
//! cargo run --release -p gamesockets-backend        # prints the network's address
//! cargo run --release --example lobby -- --network ADDRESS --name Ann
//! cargo run --release --example lobby -- --network ADDRESS --name Bob
//! ```
//!
//! The first player makes a lobby, the others find it and enter. Lines that are typed are said to all.

use std::io::BufRead as _;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use clap::Parser;
use gamesockets::schema::LobbyType;
use gamesockets::schema::enums::{ChatRoomEnterResponse, LobbyComparison};
use gamesockets::{Event, LobbyEvent, Network, NetworkEvent, PlayerKey, ResultCode, Sockets};

/// The game's id: players of one game meet.
const APP: u32 = 480;
/// By this, our lobbies are told from those of other programs with that id.
const KIND: (&str, &str) = ("example", "lobby");
const PLAYERS: u32 = 8;
const LOOK: Duration = Duration::from_millis(100);

/// Players meet in a lobby and talk.
#[derive(Parser)]
#[command(name = "lobby", version)]
struct Arguments {
    /// The network, as its backend prints it: gamesockets://KEY@HOST
    #[arg(long, value_name = "ADDRESS")]
    network: String,
    /// What the others see; at most 128 bytes.
    #[arg(long, default_value = "")]
    name: String,
    /// Be somebody new, whose key is thrown away at the end.
    #[arg(long)]
    guest: bool,
}

fn main() -> ExitCode {
    match play(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lobby: {error}");
            ExitCode::FAILURE
        }
    }
}

fn play(arguments: &Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let key = if arguments.guest { PlayerKey::Ephemeral } else { PlayerKey::Kept };
    let network = Network::new(&arguments.network)?.app(APP).key(key).name(&arguments.name);
    let sockets = Sockets::builder().network(network).build()?;
    println!("We are {}", sockets.identity());
    sockets.add_lobby_string_filter(KIND.0, KIND.1, LobbyComparison::Equal)?;
    sockets.request_lobby_list()?;

    let (typed, lines) = mpsc::channel();
    std::thread::spawn(move || {
        let lines = std::io::stdin().lock().lines().map_while(Result::ok);
        // None at the end of the input.
        lines.map(Some).chain([None]).try_for_each(|line| typed.send(line)).ok();
    });
    let mut lobby = 0;
    loop {
        if let Some(event) = sockets.wait_event(LOOK) {
            hear(&sockets, &mut lobby, event)?;
        }
        match lines.try_recv() {
            Ok(Some(line)) if !sockets.send_lobby_chat_msg(lobby, &line) => println!("(not said)"),
            Ok(None) => break,
            _ => {}
        }
    }
    sockets.leave_lobby(lobby);
    Ok(())
}

fn hear(sockets: &Sockets, lobby: &mut u64, event: Event) -> Result<(), Box<dyn std::error::Error>> {
    let name = |lobby: u64, player: u64| match sockets.lobby_member_name(lobby, player) {
        name if name.is_empty() => player.to_string(),
        name => name,
    };
    match event {
        Event::Network(NetworkEvent::Connected) => println!("Logged in"),
        Event::Network(NetworkEvent::ConnectFailed { text, .. }) => println!("{text}"),
        Event::Network(NetworkEvent::Disconnected { .. }) => println!("The backend is gone; trying again"),
        Event::Lobby(LobbyEvent::MatchList { lobbies }) => match lobbies.first() {
            Some(&found) => sockets.join_lobby(found)?,
            None => sockets.create_lobby(LobbyType::Public, PLAYERS)?,
        },
        Event::Lobby(LobbyEvent::Created { result: ResultCode::Ok, lobby }) => {
            sockets.set_lobby_data(lobby, KIND.0, KIND.1);
        }
        Event::Lobby(LobbyEvent::Created { result, .. }) => return Err(format!("no lobby: {result:?}").into()),
        Event::Lobby(LobbyEvent::Joined { lobby: joined, response, .. }) => {
            if response != ChatRoomEnterResponse::Success {
                return Err(format!("not let in: {response:?}").into());
            }
            *lobby = joined;
            let names: Vec<_> = sockets.lobby_members(joined).iter().map(|&member| name(joined, member)).collect();
            println!("In lobby {joined} with {}", names.join(", "));
        }
        Event::Lobby(LobbyEvent::ChatUpdate { lobby, member, change, .. }) => {
            println!("{} {}", name(lobby, member), if change == 1 { "comes" } else { "goes" });
        }
        Event::Lobby(LobbyEvent::Message { lobby, member, data, .. }) => {
            println!("{}: {}", name(lobby, member), String::from_utf8_lossy(&data));
        }
        Event::Lobby(LobbyEvent::Kicked { .. }) => return Err("thrown out".into()),
        _ => {}
    }
    Ok(())
}
