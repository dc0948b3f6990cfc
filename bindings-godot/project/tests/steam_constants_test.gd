extends "suite.gd"
## Enums and constants in scripts, with their types.


func test_enums_are_types_and_their_values_are_constants_of_the_class() -> void:
	var result: Steam.Result = Steam.Result.RESULT_OK
	check_equal(result == Steam.RESULT_OK, true, "both ways to write it")
	var typed: Steam.NetworkingConnectionState = Steam.CONNECTION_STATE_CONNECTED
	check_equal(int(typed), 3, "the number")
	var answer: Steam.Result = Steam.acceptConnection(0)
	check_equal(answer == Steam.RESULT_INVALID_PARAM, true, "a typed answer")
	check_equal(int(Steam.NetworkingConfigValue.NETWORKING_CONFIG_NAGLE_TIME), 12, "an option")


func test_both_spellings_are_there() -> void:
	check_equal(Steam.NETWORKING_SEND_URELIABLE_NO_NAGLE, 1, "GodotSteam's")
	check_equal(Steam.NETWORKING_SEND_UNRELIABLE_NO_NAGLE, 1, "the correct one")


func test_every_enum_of_the_api_is_registered() -> void:
	var names := ClassDB.class_get_enum_list("Steam")
	for name in ["Result", "NetworkingConfigValue", "NetworkingConnectionEnd", "NetworkingConnectionState",
			"NetworkingFakeIPType", "NetworkingGetConfigValueResult", "NetworkingIdentityType",
			"NetworkingSocketsDebugOutputType", "NetworkingAvailability", "NetworkingConfigDataType",
			"NetworkingConfigScope", "SteamAPIInitResult"]:
		check(names.has(name), name)
