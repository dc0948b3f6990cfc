//! A real backend process, and clients over real sockets.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gamesockets::schema::LobbyType;
use gamesockets::schema::enums::{ChatRoomEnterResponse, LobbyComparison, LobbyDistanceFilter};
use gamesockets::{
    Availability, Event, LobbyEvent, LobbyServer, Network, NetworkEvent, PlayerKey, ResultCode, Sockets,
};

const LIMIT: Duration = Duration::from_secs(30);
const APP: u32 = 480;

struct Backend {
    child: Child,
    folder: PathBuf,
    network: String,
    health: String,
}

/// Starts the process; gives where its health is, and the network's address.
fn spawn(folder: &PathBuf, listen: &str) -> (Child, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gamesockets-backend"))
        .args(["--listen", listen, "--http", "127.0.0.1:0", "--folder"])
        .arg(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = |head: &str| loop {
        let mut line = String::new();
        assert_ne!(stdout.read_line(&mut line).unwrap(), 0, "the backend has ended");
        if let Some(rest) = line.strip_prefix(head) {
            return rest.trim().to_owned();
        }
    };
    let (health, network) = (line("health"), line("network"));
    (child, health, network)
}

impl Backend {
    fn start(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gamesockets-backend-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let (child, health, network) = spawn(&folder, "127.0.0.1:0");
        Self { child, folder, network, health }
    }

    /// As `kill -9` does it.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn come_back(&mut self) {
        let place = self.network.rsplit_once('@').unwrap().1.to_owned();
        let (child, health, network) = spawn(&self.folder, &place);
        assert_eq!(network, self.network, "it is the same network");
        (self.child, self.health) = (child, health);
    }

    fn client(&self, name: &str) -> Client {
        Client::new(&self.network, name)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

struct Client {
    sockets: Sockets,
    name: String,
}

impl Client {
    fn new(network: &str, name: &str) -> Self {
        let network = Network::new(network).unwrap().app(APP).key(PlayerKey::Ephemeral).name(name);
        Self { sockets: Sockets::builder().network(network).build().unwrap(), name: name.into() }
    }

    fn online(network: &Backend, name: &str) -> Self {
        let client = network.client(name);
        client.until(|event| matches!(event, Event::Network(NetworkEvent::Connected)).then_some(()));
        client
    }

    fn id(&self) -> u64 {
        self.sockets.identity().steam_id().unwrap()
    }

    /// Takes events until one gives an answer.
    fn until<T>(&self, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let deadline = Instant::now() + LIMIT;
        let mut seen = Vec::new();
        while let Some(event) = self.sockets.wait_event(deadline.saturating_duration_since(Instant::now())) {
            if let Some(picked) = pick(&event) {
                return picked;
            }
            seen.push(event);
        }
        panic!("{} waits in vain, and saw {seen:#?}", self.name);
    }

    fn lobby<T>(&self, mut pick: impl FnMut(&LobbyEvent) -> Option<T>) -> T {
        self.until(|event| match event {
            Event::Lobby(event) => pick(event),
            _ => None,
        })
    }

    fn create(&self, kind: LobbyType, max: u32) -> u64 {
        self.sockets.create_lobby(kind, max).unwrap();
        let lobby = self.lobby(|event| match event {
            LobbyEvent::Created { result, lobby } => Some((*result, *lobby)),
            _ => None,
        });
        assert_eq!(lobby.0, ResultCode::Ok);
        self.lobby(|event| {
            matches!(event, LobbyEvent::Joined { lobby: joined, .. } if *joined == lobby.1).then_some(())
        });
        self.updated(lobby.1, lobby.1);
        lobby.1
    }

    fn joined(&self) -> (u64, ChatRoomEnterResponse) {
        self.lobby(|event| match event {
            LobbyEvent::Joined { lobby, response, .. } => Some((*lobby, *response)),
            _ => None,
        })
    }

    fn join(&self, lobby: u64) -> ChatRoomEnterResponse {
        self.sockets.join_lobby(lobby).unwrap();
        self.joined().1
    }

    fn updated(&self, lobby: u64, member: u64) {
        let wanted = LobbyEvent::DataUpdate { success: true, lobby, member };
        self.lobby(|event| (*event == wanted).then_some(()));
    }

    fn search(&self) -> Vec<u64> {
        self.sockets.request_lobby_list().unwrap();
        self.lobby(|event| match event {
            LobbyEvent::MatchList { lobbies } => Some(lobbies.clone()),
            _ => None,
        })
    }

    fn change(&self) -> (u64, u32) {
        self.lobby(|event| match event {
            LobbyEvent::ChatUpdate { member, change, .. } => Some((*member, *change)),
            _ => None,
        })
    }
}

#[test]
fn two_players_meet_and_talk() {
    let backend = Backend::start("meet");
    let (ann, bob) = (Client::online(&backend, "Ann"), Client::online(&backend, "Bob"));
    assert_ne!(ann.id(), bob.id());
    assert_eq!(ann.sockets.network_status().available, Availability::Current);
    let lobby = ann.create(LobbyType::Public, 4);
    assert!(ann.sockets.set_lobby_data(lobby, "mode", "ctf"));
    assert!(ann.sockets.set_lobby_data(lobby, "level", "12"));
    assert_eq!(ann.sockets.lobby_data(lobby, "mode"), "ctf", "here at once");
    ann.updated(lobby, lobby);

    let wrong = |add: &dyn Fn(&Sockets)| {
        add(&bob.sockets);
        bob.search()
    };
    let text = |text: &'static str, comparison| {
        move |sockets: &Sockets| sockets.add_lobby_string_filter("mode", text, comparison).unwrap()
    };
    assert!(wrong(&text("tdm", LobbyComparison::Equal)).is_empty());
    bob.sockets.add_lobby_string_filter("mode", "ctf", LobbyComparison::Equal).unwrap();
    bob.sockets.add_lobby_numerical_filter("level", 12, LobbyComparison::EqualToOrGreaterThan).unwrap();
    bob.sockets.add_lobby_near_value_filter("level", 10).unwrap();
    bob.sockets.add_lobby_slots_filter(3).unwrap();
    bob.sockets.add_lobby_distance_filter(LobbyDistanceFilter::Worldwide).unwrap();
    bob.sockets.add_lobby_result_count_filter(10).unwrap();
    assert_eq!(bob.search(), [lobby]);
    assert_eq!(bob.sockets.lobby_data(lobby, "mode"), "ctf");
    assert_eq!((bob.sockets.lobby_member_count(lobby), bob.sockets.lobby_member_limit(lobby)), (1, 4));
    assert_eq!(bob.sockets.lobby_owner(lobby), 0, "no business of strangers");

    talk(&ann, &bob, lobby);
    ann.sockets.leave_lobby(lobby);
    assert_eq!(bob.change(), (ann.id(), 2));
    assert_eq!(bob.sockets.lobby_owner(lobby), bob.id(), "handed over");
    assert!(ann.sockets.lobby_members(lobby).is_empty());
    drop(bob);
    assert!(!ann.sockets.request_lobby_data(1), "no id of a lobby");
    // Bob has said that he goes: his lobby goes at once.
    let gone = || {
        assert!(ann.sockets.request_lobby_data(lobby));
        ann.lobby(|event| match event {
            LobbyEvent::DataUpdate { success, .. } => Some(!success),
            _ => None,
        })
    };
    assert!((0..100).any(|_| gone() || {
        std::thread::sleep(Duration::from_millis(20));
        false
    }));
}

/// Bob joins, and both say and set what there is to say and set.
fn talk(ann: &Client, bob: &Client, lobby: u64) {
    assert_eq!(bob.join(lobby), ChatRoomEnterResponse::Success);
    assert_eq!(bob.sockets.lobby_members(lobby), [ann.id(), bob.id()]);
    assert_eq!(bob.sockets.lobby_owner(lobby), ann.id());
    assert_eq!(bob.sockets.lobby_member_name(lobby, ann.id()), "Ann");
    assert_eq!(ann.change(), (bob.id(), 1));
    assert!(!bob.sockets.set_lobby_data(lobby, "mode", "tdm"), "not its owner");
    assert!(bob.sockets.set_lobby_member_data(lobby, "ready", "1"));
    bob.updated(lobby, bob.id());
    ann.updated(lobby, bob.id());
    assert_eq!(ann.sockets.lobby_member_data(lobby, bob.id(), "ready"), "1");

    assert!(bob.sockets.send_lobby_chat_msg(lobby, "hello"));
    assert!(bob.sockets.send_lobby_chat_data(lobby, &[0, 255]));
    for client in [ann, bob] {
        let said = || {
            client.lobby(|event| match event {
                LobbyEvent::Message { member, data, is_binary, .. } => Some((*member, data.to_vec(), *is_binary)),
                _ => None,
            })
        };
        assert_eq!(said(), (bob.id(), b"hello".to_vec(), false));
        assert_eq!(said(), (bob.id(), vec![0, 255], true));
    }
    let server = LobbyServer { ip: "10.1.2.3".parse().unwrap(), port: 27_015, steam_id: 0 };
    assert!(ann.sockets.set_lobby_game_server(lobby, server));
    bob.lobby(|event| matches!(event, LobbyEvent::GameCreated { server: named, .. } if *named == server).then_some(()));
    assert_eq!(bob.sockets.lobby_game_server(lobby), Some(server));
}

#[test]
fn doors_open_only_to_whom_they_should() {
    let backend = Backend::start("doors");
    let (ann, bob, eve) =
        (Client::online(&backend, "Ann"), Client::online(&backend, "Bob"), Client::online(&backend, "Eve"));
    let lobby = ann.create(LobbyType::FriendsOnly, 2);
    assert_eq!(bob.search(), [], "not listed");
    assert_eq!(bob.join(lobby ^ 1), ChatRoomEnterResponse::DoesntExist);
    assert_eq!(bob.join(0), ChatRoomEnterResponse::DoesntExist);
    assert!(ann.sockets.set_lobby_joinable(lobby, false));
    ann.updated(lobby, lobby);
    assert_eq!(bob.join(lobby), ChatRoomEnterResponse::NotAllowed);
    assert!(ann.sockets.set_lobby_joinable(lobby, true));
    ann.updated(lobby, lobby);

    assert!(ann.sockets.invite_user_to_lobby(lobby, bob.id()));
    let invited = bob.lobby(|event| match event {
        LobbyEvent::Invite { inviter, lobby, app } => Some((*inviter, *lobby, *app)),
        _ => None,
    });
    assert_eq!(invited, (ann.id(), lobby, APP));
    assert!(ann.sockets.create_lobby_code(lobby));
    let code = ann.lobby(|event| match event {
        LobbyEvent::CodeCreated { code, .. } => Some(code.clone()),
        _ => None,
    });
    assert_eq!((code.len(), ann.sockets.lobby_code(lobby)), (6, code.clone()));
    bob.sockets.join_lobby_by_code("WRONG1").unwrap();
    assert_eq!(bob.joined(), (0, ChatRoomEnterResponse::DoesntExist));
    bob.sockets.join_lobby_by_code(&code.to_lowercase()).unwrap();
    assert_eq!(bob.joined(), (lobby, ChatRoomEnterResponse::Success));
    assert_eq!(ann.change(), (bob.id(), 1));
    assert_eq!(eve.join(lobby), ChatRoomEnterResponse::Full);
    assert!(ann.sockets.set_lobby_member_limit(lobby, 3));
    ann.updated(lobby, lobby);
    assert_eq!(eve.join(lobby), ChatRoomEnterResponse::Success);
    assert_eq!(ann.change(), (eve.id(), 1));
    assert!(!bob.sockets.kick_lobby_member(lobby, eve.id(), true), "not its owner");
    assert!(ann.sockets.kick_lobby_member(lobby, eve.id(), true));
    let kicked = eve.lobby(|event| match event {
        LobbyEvent::Kicked { admin, due_to_disconnect, .. } => Some((*admin, *due_to_disconnect)),
        _ => None,
    });
    assert_eq!(kicked, (ann.id(), false));
    assert_eq!(ann.change(), (eve.id(), 8 | 16));
    assert_eq!(eve.join(lobby), ChatRoomEnterResponse::Banned);
    assert!(ann.sockets.set_lobby_owner(lobby, bob.id()));
    while bob.sockets.lobby_owner(lobby) != bob.id() {
        bob.updated(lobby, lobby);
    }
    // A second regular lobby.
    ann.sockets.create_lobby(LobbyType::Public, 2).unwrap();
    let second = ann.lobby(|event| match event {
        LobbyEvent::Created { result, lobby } => Some((*result, *lobby)),
        _ => None,
    });
    assert_eq!(second, (ResultCode::LimitExceeded, 0));
}

#[test]
fn a_lobby_outlives_a_backend_that_is_killed() {
    let mut backend = Backend::start("killed");
    let (ann, bob) = (Client::online(&backend, "Ann"), Client::online(&backend, "Bob"));
    let lobby = ann.create(LobbyType::Public, 4);
    assert_eq!(bob.join(lobby), ChatRoomEnterResponse::Success);
    assert!(ann.sockets.set_lobby_data(lobby, "mode", "ctf"));
    bob.updated(lobby, lobby);
    backend.kill();
    for client in [&ann, &bob] {
        client.until(|event| matches!(event, Event::Network(NetworkEvent::Disconnected { .. })).then_some(()));
    }
    assert!(!ann.sockets.send_lobby_chat_msg(lobby, "anybody?"));
    // What is set meanwhile is told when the backend is back.
    assert!(ann.sockets.set_lobby_data(lobby, "mode", "tdm"));
    backend.come_back();
    bob.until(|event| matches!(event, Event::Network(NetworkEvent::Connected)).then_some(()));
    if bob.sockets.lobby_data(lobby, "mode") != "tdm" {
        bob.updated(lobby, lobby);
    }
    ann.until(|event| matches!(event, Event::Network(NetworkEvent::Connected)).then_some(()));
    assert!(ann.sockets.send_lobby_chat_msg(lobby, "there you are"));
    bob.lobby(|event| matches!(event, LobbyEvent::Message { .. }).then_some(()));
    assert_eq!(bob.sockets.lobby_data(lobby, "mode"), "tdm");
    assert_eq!(bob.sockets.lobby_members(lobby), [ann.id(), bob.id()]);
}

#[test]
fn signals_bear_the_name_of_their_sender() {
    let backend = Backend::start("signals");
    let (ann, bob) = (Client::online(&backend, "Ann"), Client::online(&backend, "Bob"));
    for payload in [vec![7; 100], vec![8; 10_000]] {
        assert_eq!(ann.sockets.send_signal(&bob.sockets.identity(), 5, 0, &payload), Ok(true));
        let signal = bob.until(|event| match event {
            Event::Network(NetworkEvent::Signal { from, from_connection, payload }) => {
                Some((from.clone(), *from_connection, payload.to_vec()))
            }
            _ => None,
        });
        assert_eq!(signal, (ann.sockets.identity(), 5, payload));
    }
    assert!(ann.sockets.send_signal(&bob.sockets.identity(), 0, 0, &[0; 16_385]).is_err());
}

#[test]
fn players_have_certificates_by_which_they_know_each_other() {
    let backend = Backend::start("certificates");
    let (ann, bob) = (Client::online(&backend, "Ann"), Client::online(&backend, "Bob"));
    for client in [&ann, &bob] {
        client.until(|event| match event {
            Event::AuthenticationStatus(status) => (status.available == Availability::Current).then_some(()),
            _ => None,
        });
    }
    let required =
        [gamesockets::ConfigValue::IP_ALLOW_WITHOUT_AUTH, gamesockets::ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH]
            .map(|option| gamesockets::ConfigEntry::new(option, 0));
    let socket = bob.sockets.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &required).unwrap();
    let address = bob.sockets.listen_socket_address(socket).unwrap();
    let connection = ann.sockets.connect_by_ip_address(address, &required).unwrap();
    bob.until(|event| {
        let connection = event.connection()?;
        bob.sockets.accept_connection(connection).ok()
    });
    ann.until(|event| match event {
        Event::ConnectionStatusChanged { info, .. } => {
            (info.connection_state == gamesockets::ConnectionState::Connected).then_some(())
        }
        _ => None,
    });
    assert_eq!(ann.sockets.connection_info(connection).unwrap().identity, bob.id());
}

#[test]
fn a_wrong_key_and_no_backend_are_said_and_every_request_is_answered() {
    let backend = Backend::start("wrong");
    let key = &backend.network["gamesockets://".len()..][..43];
    let other = Backend::start("other");
    let wrong = other.network.replace(&other.network["gamesockets://".len()..][..43], key);
    let lost = Client::new(&wrong, "Lost");
    let failed = lost.until(|event| match event {
        Event::Network(NetworkEvent::ConnectFailed { retrying, text, .. }) => Some((*retrying, text.clone())),
        _ => None,
    });
    assert!(!failed.0 && failed.1.contains("key"), "{failed:?}");
    assert_eq!(lost.sockets.network_status().available, Availability::Failed);
    assert_eq!(lost.search(), []);
    assert_eq!(lost.join(5), ChatRoomEnterResponse::Error);
    // Nobody is there.
    let mut gone = Backend::start("gone");
    gone.kill();
    let alone = Client::new(&gone.network, "Alone");
    alone.sockets.create_lobby(LobbyType::Public, 2).unwrap();
    let created = alone.lobby(|event| match event {
        LobbyEvent::Created { result, lobby } => Some((*result, *lobby)),
        _ => None,
    });
    assert_eq!(created, (ResultCode::NoConnection, 0));
    assert_eq!(alone.sockets.network_status().available, Availability::Retrying);
    assert!(alone.sockets.network_status().text.contains("gamesockets-backend"));
}

#[test]
fn its_health_is_told() {
    let backend = Backend::start("health");
    let place = backend.health.strip_prefix("http://").unwrap().strip_suffix("/healthz").unwrap();
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(place).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(ask("/healthz").starts_with("HTTP/1.1 200"));
    assert!(ask("/").starts_with("HTTP/1.1 404"));
}
