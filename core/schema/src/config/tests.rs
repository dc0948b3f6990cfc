//! Tests of the options' table and of the rules for their values.

use super::*;

#[test]
fn the_table_is_complete_and_in_order() {
    assert_eq!(OPTIONS.len(), 79);
    assert!(OPTIONS.windows(2).all(|pair| pair[0].id < pair[1].id), "a number stands twice");
    for option in OPTIONS {
        let holders = OPTIONS.iter().filter(|other| other.name.eq_ignore_ascii_case(option.name)).count();
        assert_eq!(holders, 1, "{}", option.name);
        assert_eq!(option.scope.is_none(), option.kind == OptionKind::NotASetting, "{}", option.name);
        assert!(option.doc.ends_with('.'), "{} has no doc", option.name);
    }
}

#[test]
fn defaults_lie_in_their_ranges() {
    fn inside<T: PartialOrd>(bounds: &Bounds<T>) -> bool {
        bounds.min <= bounds.default && bounds.default <= bounds.max
    }
    for option in OPTIONS {
        let good = match &option.kind {
            OptionKind::Int32(Some(bounds)) => inside(bounds),
            OptionKind::Int64(Some(bounds)) => inside(bounds),
            OptionKind::Float(Some(bounds)) => inside(bounds),
            _ => true,
        };
        assert!(good, "{}", option.name);
    }
}

#[test]
fn what_the_open_library_knows_has_a_default() {
    let known = OPTIONS.iter().filter(|option| option.open_source == Registration::Yes);
    for option in known.filter(|option| option.kind != OptionKind::Pointer) {
        assert_eq!(option.default().map(|value| value.data_type()), option.data_type(), "{}", option.name);
    }
}

#[test]
fn options_are_found_by_number_and_by_name() {
    let option = option(ConfigValue::SEND_BUFFER_SIZE).expect("known");
    assert_eq!((option.id.0, option.name), (9, "SendBufferSize"));
    assert_eq!(SEND_BUFFER_SIZE.default, 524_288);
    assert_eq!(SEND_BUFFER_SIZE.clamp(1), 4_096);
    let names = [
        "sendbuffersize",
        "NETWORKING_CONFIG_SEND_BUFFER_SIZE",
        "k_ESteamNetworkingConfig_SendBufferSize",
        "SendBufferSize",
    ];
    for name in names {
        assert_eq!(option_by_name(name).map(|found| found.id), Some(option.id), "{name}");
    }
    assert!(option_by_name("NoSuchOption").is_none());
    assert!(super::option(ConfigValue(1)).is_none());
    assert_eq!(option_by_name("NETWORKING_CONFIG_FAKE_PACKET_DUP_RECV").map(|found| found.id.0), Some(27));
}

#[test]
fn an_enumeration_shows_what_valves_library_shows() {
    let listed = |developer| {
        let mut ids = alloc::vec::Vec::new();
        let mut last = ConfigValue::INVALID;
        while let Some(option) = next_editable(last, developer) {
            last = option.id;
            ids.push(option.id.0);
        }
        ids
    };
    let (plain, all) = (listed(false), listed(true));
    assert_eq!(plain.first(), Some(&2));
    assert!([23, 33, 34, 35, 36, 37, 38, 40, 201, 206].iter().all(|id| !plain.contains(id)));
    let added: alloc::vec::Vec<_> = all.iter().filter(|id| !plain.contains(id)).copied().collect();
    assert_eq!(added, [23, 34]);
}

#[test]
fn values_are_clamped_not_refused() {
    let accept = |id, value: ConfigData| option(id).expect("known").accept(&value);
    assert_eq!(accept(ConfigValue::NAGLE_TIME, 90_000.into()), Ok(20_000.into()));
    assert_eq!(accept(ConfigValue::NAGLE_TIME, (-1).into()), Ok(0.into()));
    assert_eq!(accept(ConfigValue::FAKE_PACKET_LOSS_SEND, 250_i64.into()), Ok(100.0_f32.into()));
    assert_eq!(accept(ConfigValue::SEND_BUFFER_SIZE, i64::from(i32::MAX).into()), Ok(268_435_456.into()));
}

#[test]
fn values_are_converted_to_the_options_type() {
    let to_int = |value: ConfigData| value.convert(ConfigDataType::Int32).ok();
    assert_eq!(to_int(2.5_f32.into()), Some(3.into()));
    assert_eq!(to_int((-2.5_f32).into()), Some((-2).into()));
    assert_eq!(to_int((-2.6_f32).into()), Some((-3).into()));
    assert_eq!(to_int(" 17 ".into()), Some(17.into()));
    for unfit in [ConfigData::from("seventeen"), f32::NAN.into(), 1e30_f32.into(), (1_i64 << 31).into(), "".into()] {
        assert_eq!(to_int(unfit.clone()), None, "{unfit:?}");
    }
    assert_eq!(ConfigData::from("0.25").convert(ConfigDataType::Float), Ok(0.25_f32.into()));
    assert_eq!(ConfigData::from("inf").convert(ConfigDataType::Float).ok(), None);
    assert_eq!(ConfigData::from(-7).convert(ConfigDataType::String), Ok("-7".into()));
    assert_eq!(ConfigData::from(7).convert(ConfigDataType::Pointer).ok(), None);
}

#[test]
fn what_cannot_be_set_says_why() {
    let refuse = |id| option(id).and_then(|option| option.accept(&ConfigData::Int32(1)).err());
    assert_eq!(refuse(ConfigValue::MTU_DATA_SIZE), Some(ConfigError::ReadOnly { option: "MTU_DataSize" }));
    assert_eq!(refuse(ConfigValue::INVALID), Some(ConfigError::NotSettable { option: "Invalid" }));
    let callback = refuse(ConfigValue::CALLBACK_CONNECTION_STATUS_CHANGED);
    assert_eq!(callback, Some(ConfigError::NotSettable { option: "Callback_ConnectionStatusChanged" }));
    let error = option(ConfigValue::NAGLE_TIME).expect("known").accept(&"soon".into()).expect_err("no number");
    assert_eq!(alloc::format!("{error}"), "\"soon\" cannot be read as Int32");
}
