//! A record's serialisation is the dictionary that bindings show: the keys of the table, in its order.

use gamesockets_schema::records::{ConfigValueInfo, RealTimeStatusAnswer, RecordInfo, ServerConnected};
use gamesockets_schema::{
    ConfigDataType, ConfigScope, ConnectionEnd, ConnectionInfo, ConnectionState, ConnectionStatusChanged, InfoFlags,
    LaneStatus, RealTimeStatus, ResultCode,
};

fn info() -> ConnectionInfo {
    ConnectionInfo {
        identity: u64::MAX,
        user_data: -1,
        listen_socket: 3,
        remote_address: "127.0.0.1".into(),
        remote_pop: 0,
        pop_relay: 0,
        connection_state: ConnectionState::Connected,
        end_reason: ConnectionEnd::INVALID,
        end_debug: String::new(),
        debug_description: "#1 UDP 127.0.0.1:9".into(),
        info_flags: InfoFlags::UNAUTHENTICATED | InfoFlags::FAST,
        identity_string: "ip:127.0.0.1:9".into(),
        remote_port: 9,
    }
}

fn positions(text: &str, record: &RecordInfo) -> Vec<usize> {
    let position =
        |key: &str| text.find(&format!("\"{key}\":")).unwrap_or_else(|| panic!("{key} is missing in {text}"));
    record.fields.iter().map(|field| position(field.key)).collect()
}

#[test]
fn keys_stand_in_the_order_of_the_table() {
    let text = serde_json::to_string(&info()).expect("serialisable");
    assert!(positions(&text, ConnectionInfo::INFO).is_sorted(), "{text}");
}

#[test]
fn enums_and_flags_are_numbers() {
    let value = serde_json::to_value(info()).expect("serialisable");
    assert_eq!(value["connection_state"], 3);
    assert_eq!(value["info_flags"], 9);
    assert_eq!(value["identity"], u64::MAX);
    assert_eq!(value.as_object().map(serde_json::Map::len), Some(ConnectionInfo::INFO.fields.len()));
}

#[test]
fn records_nest() {
    let event =
        ConnectionStatusChanged { connect_handle: 7, connection: info(), old_state: ConnectionState::Connecting };
    let value = serde_json::to_value(event).expect("serialisable");
    assert_eq!(value["connection"]["remote_port"], 9);
    assert_eq!(value["old_state"], 1);
}

#[test]
fn lists_and_renamed_keys() {
    let lane =
        LaneStatus { pending_unreliable: 1, pending_reliable: 2, sent_unacknowledged_reliable: 3, queue_time: 4 };
    let status = RealTimeStatus {
        state: ConnectionState::Connected,
        ping: 12,
        local_quality: 1.0,
        remote_quality: -1.0,
        packets_out_per_second: 0.0,
        bytes_out_per_second: 0.0,
        packets_in_per_second: 0.0,
        bytes_in_per_second: 0.0,
        send_rate: 262_144,
        pending_unreliable: 0,
        pending_reliable: 0,
        sent_unacknowledged_reliable: 0,
        queue_time: 0,
        max_jitter: -1,
        remote_quality_is_estimate: false,
    };
    let answer = RealTimeStatusAnswer { response: ResultCode::Ok, connection_status: status, lanes_status: vec![lane] };
    let value = serde_json::to_value(answer).expect("serialisable");
    assert_eq!(value["lanes_status"][0]["queue_time"], 4);
    assert_eq!(value["connection_status"]["ping"], 12);

    let option =
        ConfigValueInfo { name: "NagleTime".into(), data_type: ConfigDataType::Int32, scope: ConfigScope::Connection };
    assert_eq!(serde_json::to_value(option).expect("serialisable")["type"], 1);
    assert_eq!(serde_json::to_string(&ServerConnected {}).expect("serialisable"), "{}");
}
