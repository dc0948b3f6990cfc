extends "steam_suite.gd"
## Calls that cannot work: each answers as documented, and says why where the script is at fault.
##
## expects error: "nagletime2" is no option; the nearest is Steam.NETWORKING_CONFIG_NAGLE_TIME (12)
## expects error: 1000 is no option; the nearest is Steam.NETWORKING_CONFIG_ECN (999)
## expects error: setGlobalConfigValueFloat: option FakePacketLoss_Send (2): "NaN" cannot be read as Float
## expects error: the value of NagleTime has the type ARRAY
## expects error: connectByIPAddress: "nowhere" is not an address
## expects error: createListenSocketIP: UDP port
## expects error: configureConnectionLanes: 2 lanes need as many priorities and weights, not 1 and 2
## expects error: 100 messages were sent to 4242, which is no live connection
## expects error: gamesockets: Steam was called from a thread
## expects error: sendMessages: give the handle of a connection
## expects error: sendMessageToConnection: flags are a sum of

const DEAD: Array[int] = [0, -1, 7, 0x80000000, 0xFFFFFFFF, 0x100000001, 9223372036854775807, -9223372036854775808]


func test_dead_handles_have_their_documented_answers() -> void:
	for handle in DEAD:
		var name := "handle %d: " % handle
		check_equal(Steam.acceptConnection(handle), Steam.RESULT_INVALID_PARAM, name + "acceptConnection")
		check_equal(Steam.closeConnection(handle, 0, "", false), false, name + "closeConnection")
		check_equal(Steam.closeListenSocket(handle), false, name + "closeListenSocket")
		check_equal(Steam.configureConnectionLanes(handle, 1, [0], [1]), Steam.RESULT_NO_CONNECTION, name + "lanes")
		check_equal(Steam.destroyPollGroup(handle), false, name + "destroyPollGroup")
		check_equal(Steam.flushMessagesOnConnection(handle), Steam.RESULT_INVALID_PARAM, name + "flush")
		check_equal(Steam.getConnectionInfo(handle), {}, name + "info")
		check_equal(Steam.getConnectionName(handle), "", name + "name")
		check_equal(Steam.getConnectionUserData(handle), -1, name + "user data")
		check_equal(Steam.getListenSocketAddress(handle), "", name + "address")
		check_equal(Steam.getDetailedConnectionStatus(handle).success, -1, name + "page")
		check_equal(Steam.getQuickConnectionStatus(handle), {}, name + "quick status")
		var status := Steam.getConnectionRealTimeStatus(handle, 0)
		check_equal(status.response, Steam.RESULT_NO_CONNECTION, name + "status")
		check_equal(Steam.receiveMessagesOnConnection(handle, 10).size(), 0, name + "messages")
		check_equal(Steam.receiveMessagesOnPollGroup(handle, 10).size(), 0, name + "messages of a group")
		check_equal(Steam.receiveMessagesOnListenSocket(handle, 10).size(), 0, name + "messages of a socket")
		check_equal(Steam.setConnectionUserData(handle, 1), false, name + "setting user data")
		check_equal(Steam.setConnectionPollGroup(handle, 0), false, name + "setting a group")
		var sent := Steam.sendMessageToConnection(handle, PackedByteArray([1]), 8)
		check_equal(sent, {"result": 8, "message_number": -1}, name + "sending")
		var config := Steam.getConfigValue(12, Steam.NETWORKING_CONFIG_SCOPE_CONNECTION, handle)
		check_equal(config.result, Steam.NETWORKING_GET_CONFIG_VALUE_BAD_SCOPE_OBJ, name + "an option")


func test_options_name_what_is_wrong_with_them() -> void:
	var options: Array[Dictionary] = [
		{"nagletime2": 1}, {1000: 1}, {Steam.NETWORKING_CONFIG_NAGLE_TIME: []},
	]
	for wrong in options:
		check_equal(Steam.connectByIPAddress("127.0.0.1:9", wrong), 0, "connecting with %s" % wrong)
		check_equal(Steam.createListenSocketIP("127.0.0.1:0", wrong), 0, "listening with %s" % wrong)
	check_equal(Steam.setGlobalConfigValueFloat(Steam.NETWORKING_CONFIG_FAKE_PACKET_LOSS_SEND, NAN), false, "NaN")
	check_equal(Steam.setGlobalConfigValueInt32(Steam.NETWORKING_CONFIG_NAGLE_TIME, 1 << 40), false, "a huge int")
	check_equal(Steam.setGlobalConfigValueInt32(1000, 1), false, "no option")
	check_equal(Steam.getConfigValue(1000, 1, 0).result, Steam.NETWORKING_GET_CONFIG_VALUE_BAD_VALUE, "asking for it")
	check_equal(Steam.getConfigValueInfo(1000), {}, "info about it")
	check_equal(Steam.setConfigValue(12, 99, 0, 1, 5), false, "no scope")
	check_equal(Steam.setConfigValue(12, 1, 0, 99, 5), false, "no type")
	check_equal(Steam.setConfigValue(12, 1, 0, 1, "five"), false, "no number")


func test_addresses_have_to_be_addresses() -> void:
	check_equal(Steam.connectByIPAddress("nowhere"), 0, "a name")
	check_equal(Steam.connectByIPAddress("127.0.0.1"), 0, "without a port")
	check_equal(Steam.connectByIPAddress("0.0.0.0:5"), 0, "the any-address")
	check_equal(Steam.createListenSocketIP(""), 0, "nothing")
	var listen := Steam.createListenSocketIP(":0")
	check(listen != 0, "every interface")
	var taken := Steam.getListenSocketAddress(listen).get_slice(":", 3)
	check_equal(Steam.createListenSocketIP("0.0.0.0:" + taken), 0, "a port that is taken")
	check_equal(Steam.getListenSocketAddress(listen, false), "::", "the address without its port")


func test_arguments_out_of_range_are_refused() -> void:
	var pair := Steam.createSocketPair(false, 0, 0)
	var connection: int = pair.connection1
	check_equal(Steam.configureConnectionLanes(connection, 2, [1], [1, 1]), Steam.RESULT_INVALID_PARAM, "too few priorities")
	check_equal(Steam.configureConnectionLanes(connection, 1, [1 << 40], [1]), Steam.RESULT_INVALID_PARAM, "a huge priority")
	check_equal(Steam.configureConnectionLanes(connection, 1, ["x"], [1]), Steam.RESULT_INVALID_PARAM, "a text as priority")
	check_equal(Steam.configureConnectionLanes(connection, 1, [0], [70_000]), Steam.RESULT_INVALID_PARAM, "a huge weight")
	check_equal(Steam.configureConnectionLanes(connection, 0, [], []), Steam.RESULT_INVALID_PARAM, "no lanes")
	check_equal(Steam.sendMessageToConnection(connection, PackedByteArray(), -1).result, Steam.RESULT_INVALID_PARAM, "flags")
	var huge := PackedByteArray()
	huge.resize(Steam.MAX_STEAM_PACKET_SIZE + 1)
	check_equal(Steam.sendMessageToConnection(connection, huge, 8).result, Steam.RESULT_INVALID_PARAM, "too large")
	check_equal(Steam.getConnectionRealTimeStatus(connection, 300).response, Steam.RESULT_INVALID_PARAM, "lanes to report")
	check_equal(Steam.receiveMessagesOnConnection(pair.connection2, -5).size(), 0, "a negative count")
	check_equal(Steam.acceptConnection(connection), Steam.RESULT_INVALID_STATE, "accepting what is connected")
	check_equal(Steam.createSocketPair(false, 5, 0).success, false, "a pair with a SteamID that is none")
	check_equal(Steam.sendMessages("x", "y", 8), PackedInt64Array(), "neither handle nor messages")


func test_sending_to_a_dead_handle_again_and_again_is_told_once() -> void:
	for _index in 300:
		Steam.sendMessageToConnection(4242, PackedByteArray([1]), 0)
	check(true, "the output says so")


func test_calls_from_a_thread_fail() -> void:
	var thread := Thread.new()
	thread.start(func() -> int: return Steam.createPollGroup())
	check_equal(thread.wait_to_finish(), 0, "a poll group")
	check(Steam.createPollGroup() != 0, "a poll group from the main thread")
	await process_frame
	await process_frame
