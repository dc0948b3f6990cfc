//! Options: four scopes, inheritance, live changes, and what is refused.

mod common;

use std::net::UdpSocket;
use std::time::Duration;

use common::{Pair, connect, payload, receive, wait_for, wait_for_connection};
use gamesockets::schema::config::{self, OptionKind};
use gamesockets::{
    ConfigData, ConfigEntry, ConfigScope, ConfigTarget, ConfigValue, Connection, ConnectionState, Error, Event,
    GetConfigValueResult, ListenSocket, ResultCode, SendFlags, Sockets, config_value_info, next_editable_config_value,
};
use proptest::prelude::*;

fn value(sockets: &Sockets, target: impl Into<ConfigTarget>, option: ConfigValue) -> (ConfigData, bool) {
    let setting = sockets.config_value(target, option).unwrap();
    (setting.value, setting.inherited)
}

/// One object of each scope, on a network where nobody answers.
struct World {
    sockets: Sockets,
    targets: [ConfigTarget; 4],
    _silent: UdpSocket,
}

impl World {
    fn new() -> Self {
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let sockets = Sockets::anonymous().unwrap();
        let listen = sockets.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
        let connection = sockets.connect_by_ip_address(silent.local_addr().unwrap(), &[]).unwrap();
        let targets = [ConfigTarget::Global, ConfigTarget::SocketsInterface, listen.into(), connection.into()];
        Self { sockets, targets, _silent: silent }
    }
}

#[test]
fn every_option_is_there_at_its_scopes_or_refused_by_name() {
    let World { sockets, targets, .. } = World::new();
    let mut there = 0;
    for option in config::OPTIONS {
        let error = match sockets.config_value(ConfigTarget::Global, option.id) {
            Ok(setting) => {
                there += 1;
                assert_eq!(Some(setting.value), option.default(), "{}", option.name);
                assert!(!setting.inherited);
                for target in &targets[1..] {
                    let setting = sockets.config_value(*target, option.id);
                    match option.scope {
                        Some(ConfigScope::Connection) => assert!(setting.is_ok(), "{}", option.name),
                        _ => assert_eq!(setting.unwrap_err().config_result(), GetConfigValueResult::BadScopeObj),
                    }
                }
                continue;
            }
            Err(error) => error,
        };
        assert!(error.to_string().contains(option.name), "{error}");
        assert_eq!(error.config_result(), GetConfigValueResult::BadValue);
        let refused = sockets.set_config_value(ConfigTarget::Global, option.id, 1).unwrap_err();
        assert_eq!((refused.code(), refused.to_string()), (ResultCode::InvalidParam, error.to_string()));
        assert!(sockets.clear_config_value(ConfigTarget::Global, option.id).is_err());
    }
    assert_eq!(there, 41);
}

#[test]
fn every_option_that_is_there_can_be_set_read_and_cleared() {
    let World { sockets, targets, .. } = World::new();
    for option in config::OPTIONS.iter().filter(|option| sockets.config_value(ConfigTarget::Global, option.id).is_ok())
    {
        let changed: ConfigData = match option.kind {
            _ if option.id == ConfigValue::MTU_DATA_SIZE => continue,
            OptionKind::Int32(Some(bounds)) if bounds.default == bounds.max => bounds.min.into(),
            OptionKind::Int32(Some(bounds)) => bounds.max.into(),
            OptionKind::Int64(_) => 99_i64.into(),
            OptionKind::Float(Some(bounds)) => ((bounds.default + bounds.max) / 2.0).into(),
            _ => panic!("{} has no range", option.name),
        };
        sockets.set_config_value(ConfigTarget::Global, option.id, changed.clone()).unwrap();
        assert_eq!(value(&sockets, ConfigTarget::Global, option.id), (changed.clone(), false), "{}", option.name);
        if option.scope == Some(ConfigScope::Connection) {
            assert_eq!(value(&sockets, targets[2], option.id), (changed, true), "{}", option.name);
        }
        sockets.clear_config_value(ConfigTarget::Global, option.id).unwrap();
        let default = option.default().unwrap();
        assert_eq!(value(&sockets, ConfigTarget::Global, option.id), (default, false), "{}", option.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_connection_inherits_from_the_nearest_scope_that_sets_an_option(
        steps in prop::collection::vec((0..4_usize, 0..2_usize, prop::option::of(5000..20_000_i32)), 1..30),
    ) {
        let World { sockets, targets, .. } = World::new();
        let options = [ConfigValue::NAGLE_TIME, ConfigValue::SEND_BUFFER_SIZE];
        let defaults = [config::NAGLE_TIME.default, config::SEND_BUFFER_SIZE.default];
        let mut model = [[None; 2]; 4];
        for (scope, option, new) in steps {
            model[scope][option] = new;
            match new {
                Some(new) => sockets.set_config_value(targets[scope], options[option], new).unwrap(),
                None => sockets.clear_config_value(targets[scope], options[option]).unwrap(),
            }
            // A connection that was started here did not come in by the listen socket.
            let chains: [&[usize]; 4] = [&[0], &[1, 0], &[2, 1, 0], &[3, 1, 0]];
            for (asked, chain) in chains.into_iter().enumerate() {
                for index in 0..2 {
                    let set = chain.iter().find_map(|&scope| model[scope][index].map(|value| (value, scope != asked)));
                    let (expected, inherited) = set.unwrap_or((defaults[index], asked != 0));
                    let got = value(&sockets, targets[asked], options[index]);
                    prop_assert_eq!(got, (expected.into(), inherited));
                }
            }
        }
    }
}

#[test]
fn a_connection_inherits_from_its_listen_socket_while_it_lives() {
    let pair = Pair::new();
    pair.server.set_config_value(pair.listen, ConfigValue::NAGLE_TIME, 7000).unwrap();
    assert_eq!(value(&pair.server, pair.accepted, ConfigValue::NAGLE_TIME), (7000.into(), true));
    pair.server.set_connection_config_value_int32(pair.accepted, ConfigValue::NAGLE_TIME, 100).unwrap();
    pair.server.set_global_config_value_int32(ConfigValue::NAGLE_TIME, 300).unwrap();
    assert_eq!(value(&pair.server, pair.accepted, ConfigValue::NAGLE_TIME), (100.into(), false));
    assert_eq!(value(&pair.server, pair.listen, ConfigValue::NAGLE_TIME), (7000.into(), false));
    pair.server.clear_config_value(pair.listen, ConfigValue::NAGLE_TIME).unwrap();
    pair.server.clear_config_value(pair.accepted, ConfigValue::NAGLE_TIME).unwrap();
    assert_eq!(value(&pair.server, pair.accepted, ConfigValue::NAGLE_TIME), (300.into(), true));
}

#[test]
fn a_change_reaches_a_live_connection() {
    let Pair { server: _server, client, connected, .. } = Pair::new();
    let fill = |bytes| client.send_message_to_connection(connected, &payload(bytes, 1), SendFlags::RELIABLE);
    client.set_config_value(ConfigTarget::SocketsInterface, ConfigValue::SEND_BUFFER_SIZE, 5000).unwrap();
    assert_eq!(fill(6000).unwrap_err().code(), ResultCode::LimitExceeded);
    client.set_connection_config_value_string(connected, ConfigValue::SEND_BUFFER_SIZE, "100000").unwrap();
    assert!(fill(6000).is_ok());
    client.set_config_value(ConfigTarget::Global, ConfigValue::SEND_RATE_MIN, 3_000_000).unwrap();
    client.set_config_value(ConfigTarget::Global, ConfigValue::SEND_RATE_MAX, 3_000_000).unwrap();
    assert_eq!(client.connection_real_time_status(connected).unwrap().send_rate, 3_000_000);
}

#[test]
fn a_change_reaches_the_connections_to_come() {
    let pair = Pair::new();
    pair.server.set_config_value(pair.listen, ConfigValue::CONNECTION_USER_DATA, 42_i64).unwrap();
    pair.server.set_config_value(pair.listen, ConfigValue::RECV_MAX_MESSAGE_SIZE, 1000).unwrap();
    assert_eq!(pair.server.connection_user_data(pair.accepted), Ok(-1), "bound when it was made");
    let (accepted, connected) = connect(&pair.server, &pair.client, pair.address, &[]);
    assert_eq!(pair.server.connection_user_data(accepted), Ok(42));
    pair.client.send_message_to_connection(connected, &payload(1000, 1), SendFlags::RELIABLE).unwrap();
    receive(&pair.server, accepted, 1);
    pair.client.send_message_to_connection(connected, &payload(1001, 1), SendFlags::RELIABLE).unwrap();
    wait_for_connection(&pair.server, accepted, ConnectionState::ProblemDetectedLocally);
}

#[test]
fn a_shorter_timeout_ends_a_connection_that_is_silent_already() {
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let sockets = Sockets::anonymous().unwrap();
    let connection = sockets.connect_by_ip_address(silent.local_addr().unwrap(), &[]).unwrap();
    sockets.set_connection_config_value_int32(connection, ConfigValue::TIMEOUT_INITIAL, 20).unwrap();
    wait_for_connection(&sockets, connection, ConnectionState::ProblemDetectedLocally);
}

#[test]
fn user_data_is_bound_to_its_connection() {
    let World { sockets, targets, .. } = World::new();
    let ConfigTarget::Connection(connection) = targets[3] else { panic!("the last is a connection") };
    let option = ConfigValue::CONNECTION_USER_DATA;
    sockets.set_global_config_value_int32(option, 5).unwrap();
    assert_eq!(value(&sockets, connection, option), ((-1_i64).into(), false));
    sockets.set_connection_config_value_int32(connection, option, 7).unwrap();
    assert_eq!(sockets.connection_user_data(connection), Ok(7));
    sockets.set_connection_user_data(connection, 8).unwrap();
    assert_eq!(value(&sockets, connection, option), (8_i64.into(), false));
    assert!(sockets.clear_config_value(connection, option).unwrap_err().to_string().contains("-1"));
}

#[test]
fn what_the_handshake_has_used_is_locked() {
    let server = Sockets::anonymous().unwrap();
    let client = Sockets::anonymous().unwrap();
    let listen = server.create_listen_socket_ip("127.0.0.1:0".parse().unwrap(), &[]).unwrap();
    let address = server.listen_socket_address(listen).unwrap();
    let options = [ConfigEntry::new(ConfigValue::UNENCRYPTED, 1)];
    let connected = client.connect_by_ip_address(address, &options).unwrap();
    let error = client.set_connection_config_value_int32(connected, ConfigValue::UNENCRYPTED, 0).unwrap_err();
    assert_eq!(error, Error::OptionLocked { option: "Unencrypted" });
    let (accepted, _) = wait_for(&server, ConnectionState::Connecting);
    server.set_connection_config_value_int32(accepted, ConfigValue::UNENCRYPTED, 2).unwrap();
    server.accept_connection(accepted).unwrap();
    wait_for_connection(&server, accepted, ConnectionState::Connected);
    let info = server.connection_info(accepted).unwrap();
    assert!(info.info_flags.contains(gamesockets::InfoFlags::UNENCRYPTED), "set between notice and acceptance");
    for option in
        [ConfigValue::UNENCRYPTED, ConfigValue::IP_ALLOW_WITHOUT_AUTH, ConfigValue::IP_LOCAL_HOST_ALLOW_WITHOUT_AUTH]
    {
        assert!(server.set_connection_config_value_int32(accepted, option, 0).is_err());
        assert!(server.clear_config_value(accepted, option).is_err());
    }
    server.set_global_config_value_int32(ConfigValue::UNENCRYPTED, 0).unwrap();
    assert_eq!(value(&server, accepted, ConfigValue::UNENCRYPTED), (2.into(), false));
}

#[test]
fn the_data_size_follows_the_packet_size() {
    let World { sockets, targets, .. } = World::new();
    sockets.set_config_value(targets[2], ConfigValue::MTU_PACKET_SIZE, 500).unwrap();
    assert_eq!(value(&sockets, targets[2], ConfigValue::MTU_DATA_SIZE), (400.into(), false));
    assert_eq!(value(&sockets, targets[3], ConfigValue::MTU_DATA_SIZE), (1200.into(), true));
    let error = sockets.set_config_value(targets[2], ConfigValue::MTU_DATA_SIZE, 400).unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
}

#[test]
fn values_are_converted_and_clamped_or_refused() {
    let World { sockets, .. } = World::new();
    let set = |option, value: ConfigData| sockets.set_config_value(ConfigTarget::Global, option, value);
    set(ConfigValue::NAGLE_TIME, 90_000_i64.into()).unwrap();
    assert_eq!(value(&sockets, ConfigTarget::Global, ConfigValue::NAGLE_TIME).0, 20_000.into());
    set(ConfigValue::NAGLE_TIME, 12.5_f32.into()).unwrap();
    assert_eq!(value(&sockets, ConfigTarget::Global, ConfigValue::NAGLE_TIME).0, 13.into());
    for bad in [ConfigData::from("soon"), f32::NAN.into(), (1_i64 << 40).into()] {
        assert_eq!(set(ConfigValue::NAGLE_TIME, bad).unwrap_err().code(), ResultCode::InvalidParam);
    }
    assert_eq!(value(&sockets, ConfigTarget::Global, ConfigValue::NAGLE_TIME).0, 13.into(), "nothing changed");
    sockets.set_global_config_value_float(ConfigValue::FAKE_PACKET_LOSS_SEND, 0.5).unwrap();
    sockets.set_global_config_value_string(ConfigValue::FAKE_PACKET_LOSS_RECV, "0.25").unwrap();
    assert_eq!(value(&sockets, ConfigTarget::Global, ConfigValue::FAKE_PACKET_LOSS_RECV).0, 0.25_f32.into());
}

#[test]
fn an_entry_sets_as_its_option_and_value_would() {
    let pair = Pair::new();
    let entry = ConfigEntry::new(ConfigValue::NAGLE_TIME, 300);
    pair.client.set_config_value_struct(ConfigTarget::SocketsInterface, &entry).unwrap();
    assert_eq!(value(&pair.client, pair.connected, ConfigValue::NAGLE_TIME), (300.into(), true));
    let set = |option, number| pair.client.set_connection_config_value_float(pair.connected, option, number);
    set(ConfigValue::NAGLE_TIME, 250.0).unwrap();
    assert_eq!(value(&pair.client, pair.connected, ConfigValue::NAGLE_TIME), (250.into(), false));
    let error = set(ConfigValue::FAKE_PACKET_LOSS_SEND, 1.0).unwrap_err();
    assert!(matches!(error, Error::OptionScope { .. }), "{error}");
}

#[test]
fn objects_that_do_not_exist_are_bad_scope_objects() {
    let World { sockets, targets, .. } = World::new();
    let targets = [
        Connection::from_raw(0).into(),
        ListenSocket::from_raw(u32::MAX).into(),
        ConfigTarget::new(ConfigScope::Connection, 77),
        match targets[3] {
            ConfigTarget::Connection(connection) => ListenSocket::from_raw(connection.raw()).into(),
            other => other,
        },
    ];
    for target in targets {
        let error = sockets.config_value(target, ConfigValue::NAGLE_TIME).unwrap_err();
        assert_eq!(error.config_result(), GetConfigValueResult::BadScopeObj);
        assert_eq!(sockets.set_config_value(target, ConfigValue::NAGLE_TIME, 1).unwrap_err(), error);
        assert_eq!(sockets.clear_config_value(target, ConfigValue::NAGLE_TIME).unwrap_err(), error);
    }
    let unknown = sockets.config_value(ConfigTarget::Global, ConfigValue(1)).unwrap_err();
    assert_eq!(unknown.config_result(), GetConfigValueResult::BadValue);
}

#[test]
fn options_given_to_the_builder_are_global() {
    let options = [(ConfigValue::NAGLE_TIME, 1.into()), (ConfigValue::FAKE_PACKET_LOSS_SEND, ConfigData::from(3.0))];
    let builder = options
        .iter()
        .fold(Sockets::builder(), |builder, (option, value)| builder.option(ConfigEntry::new(*option, value.clone())));
    let sockets = builder.build().unwrap();
    for (option, wanted) in options {
        assert_eq!(value(&sockets, ConfigTarget::Global, option), (wanted, false));
    }
    assert_eq!(value(&sockets, ConfigTarget::SocketsInterface, ConfigValue::NAGLE_TIME), (1.into(), true));
    let result = sockets.config_value(ConfigTarget::SocketsInterface, ConfigValue::NAGLE_TIME).unwrap().result();
    assert_eq!(result, GetConfigValueResult::OkInherited);
}

#[test]
fn an_enumeration_shows_what_can_be_set() {
    let sockets = Sockets::anonymous().unwrap();
    let mut listed = Vec::new();
    let mut last = ConfigValue::INVALID;
    while let Some(option) = next_editable_config_value(last, true) {
        assert!(sockets.config_value(ConfigTarget::Global, option.id).is_ok(), "{}", option.name);
        listed.push(option.id);
        last = option.id;
    }
    // All that are there but the hidden user data and the read-only size of data.
    assert_eq!(listed.len(), 37);
    let info = config_value_info(ConfigValue::NAGLE_TIME).unwrap();
    assert_eq!((info.name.as_str(), info.scope), ("NagleTime", ConfigScope::Connection));
    assert!(config_value_info(ConfigValue::P2P_STUN_SERVER_LIST).is_ok());
    for none in [ConfigValue::INVALID, ConfigValue(35), ConfigValue(-5)] {
        assert!(config_value_info(none).is_err());
    }
}

#[test]
fn the_log_comes_as_events_once_it_is_asked_for() {
    let Pair { server, client, connected, accepted, .. } = Pair::new();
    server.set_debug_output_level(gamesockets::DebugOutputType::Message);
    server.set_config_value(accepted, ConfigValue::NAGLE_TIME, 1).unwrap();
    client.close_connection(connected, 1234, "that is all", false).unwrap();
    let line = loop {
        if let Event::DebugOutput { message, .. } = server.wait_event(common::LIMIT).expect("the line comes") {
            break message;
        }
    };
    assert!(line.contains("1234") && line.contains("that is all"), "the change of an option is more verbose: {line}");
    assert!(std::iter::from_fn(|| client.poll_event()).all(|event| !matches!(event, Event::DebugOutput { .. })));
    server.set_debug_output_level(gamesockets::DebugOutputType::None);
    server.set_config_value(ConfigTarget::Global, ConfigValue::PACKET_TRACE_MAX_BYTES, 4).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    assert!(std::iter::from_fn(|| server.poll_event()).all(|event| !matches!(event, Event::DebugOutput { .. })));
}
