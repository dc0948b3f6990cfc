extends "steam_suite.gd"
## Connections over UDP on loopback, and what is sent on them.

const INFO_KEYS: Array = [
	"identity", "user_data", "listen_socket", "remote_address", "remote_pop", "pop_relay", "connection_state", "end_reason",
	"end_debug", "debug_description", "info_flags", "identity_string", "remote_port",
]
const MESSAGE_KEYS: Array = [
	"payload", "size", "connection", "identity", "receiver_user_data", "time_received", "message_number", "flags", "lane",
]
const STATUS_KEYS: Array = [
	"state", "ping", "local_quality", "remote_quality", "packets_out_per_second", "bytes_out_per_second",
	"packets_in_per_second", "bytes_in_per_second", "send_rate", "pending_unreliable", "pending_reliable",
	"sent_unacknowledged_reliable", "queue_time", "max_jitter",
	"remote_quality_is_estimate",
]
const LANE_KEYS: Array = ["pending_unreliable", "pending_reliable", "sent_unacknowledged_reliable", "queue_time"]


func test_a_connection_is_announced_accepted_and_closed() -> void:
	var pair := await connected_pair()
	var old_states: Array = changes.filter(func(change: Array) -> bool: return change[0] == pair[2]).map(
		func(change: Array) -> int: return change[2])
	check_equal(old_states, [Steam.CONNECTION_STATE_NONE, Steam.CONNECTION_STATE_CONNECTING], "old states at the server")
	var info := Steam.getConnectionInfo(pair[2])
	check_equal(info.keys(), INFO_KEYS, "keys of the info")
	check_equal(info.listen_socket, pair[0], "listen socket")
	check_equal(info.identity, Steam.getSteamID(), "who connected")
	check_equal(Steam.closeConnection(pair[1], 1234, "enough", false), true, "closing")
	check_equal(state(pair[1]), Steam.CONNECTION_STATE_NONE, "state at the client")
	await wait_until(func() -> bool: return state(pair[2]) == Steam.CONNECTION_STATE_CLOSED_BY_PEER, "the peer's end")
	info = Steam.getConnectionInfo(pair[2])
	check_equal([info.end_reason, info.end_debug], [1234, "enough"], "why")
	check_equal(Steam.closeConnection(pair[2], 0, "", false), true, "closing the server's end")
	check_equal(Steam.closeListenSocket(pair[0]), true, "closing the listen socket")
	check_equal(Steam.getListenSocketAddress(pair[0]), "", "address of a closed listen socket")


func test_messages_arrive_as_they_were_sent() -> void:
	var pair := await connected_pair()
	var payload := PackedByteArray()
	payload.resize(100_000)
	for index in payload.size():
		payload[index] = (index * 7) % 251
	check_equal(Steam.setConnectionUserData(pair[2], 1 << 40), true, "user data")
	var sent: Dictionary = Steam.sendMessageToConnection(pair[1], payload, Steam.NETWORKING_SEND_RELIABLE)
	check_equal(sent, {"result": 1, "message_number": 1}, "the answer to sending")
	var message := (await messages_of(pair[2], 1))[0]
	check_equal(message.keys(), MESSAGE_KEYS, "keys of a message")
	check(message.payload == payload, "the content")
	check_equal(message.size, 100_000, "size")
	check_equal(message.connection, pair[2], "connection")
	check_equal(message.identity, Steam.getSteamID(), "identity")
	check_equal(message.receiver_user_data, 1 << 40, "user data of the connection")
	check_equal(message.message_number, 1, "number")
	check_equal(message.flags, Steam.NETWORKING_SEND_RELIABLE, "flags")
	check(message.time_received <= Steam.getLocalTimestamp(), "the time is on our clock")


func test_many_messages_are_sent_with_one_call_in_either_order_of_arguments() -> void:
	var pair := await connected_pair()
	var texts: Array[PackedByteArray] = ["a".to_utf8_buffer(), "b".to_utf8_buffer()]
	check_equal(Steam.sendMessages(pair[1], texts, 8), PackedInt64Array([1, 2]), "the newer order")
	check_equal(Steam.sendMessages(texts, pair[1], 8), PackedInt64Array([3, 4]), "the older order")
	var mixed := ["c".to_utf8_buffer(), 5, "d".to_utf8_buffer()]
	check_equal(Steam.sendMessages(pair[1], mixed, 8), PackedInt64Array([5, -8, 0]), "what follows a failure is not tried")
	check_equal(Steam.sendMessages(7, texts, 8), PackedInt64Array([-8, -8]), "a dead handle")
	var received := (await messages_of(pair[2], 5)).map(
		func(message: Dictionary) -> String: return message.payload.get_string_from_utf8())
	check_equal(received, ["a", "b", "a", "b", "c"], "what arrives")


func test_a_poll_group_and_a_listen_socket_collect_messages() -> void:
	var first := await connected_pair()
	var group := Steam.createPollGroup()
	check_equal(Steam.setConnectionPollGroup(first[2], group), true, "joining")
	Steam.sendMessageToConnection(first[1], "in the group".to_utf8_buffer(), 8)
	var messages: Array = []
	var has_come := func() -> bool:
		messages.append_array(Steam.receiveMessagesOnPollGroup(group, 10))
		return not messages.is_empty()
	await wait_until(has_come, "a message in the group")
	check_equal(messages[0].connection, first[2], "the connection it came by")
	check_equal(Steam.destroyPollGroup(group), true, "destroying")
	check_equal(Steam.setConnectionPollGroup(first[2], group), false, "joining a dead group")
	check_equal(Steam.setConnectionPollGroup(first[2], 0), true, "leaving")
	Steam.sendMessageToConnection(first[1], "at the socket".to_utf8_buffer(), 8)
	messages.clear()
	has_come = func() -> bool:
		messages.append_array(Steam.receiveMessagesOnListenSocket(first[0], 10))
		return not messages.is_empty()
	await wait_until(has_come, "a message at the listen socket")


func test_lanes_have_numbers_of_their_own() -> void:
	var pair := Steam.createSocketPair(false, 0, 0)
	check_equal(pair.keys(), ["success", "connection1", "connection2"], "keys of a pair")
	check_equal(Steam.configureConnectionLanes(pair.connection1, 2, [0, 1], [1, 1]), Steam.RESULT_OK, "lanes")
	var sent := Steam.sendMessageToConnectionOnLane(pair.connection1, "x".to_utf8_buffer(), 8, 1)
	check_equal(sent.result, Steam.RESULT_OK, "on lane 1")
	check_equal((await messages_of(pair.connection2, 1))[0].lane, 1, "the lane it came by")
	sent = Steam.sendMessageToConnectionOnLane(pair.connection1, "x".to_utf8_buffer(), 8, 2)
	check_equal(sent.result, Steam.RESULT_INVALID_PARAM, "on a lane that is not there")


func test_a_pair_takes_its_peer_for_whom_it_is_told() -> void:
	var other := 0x0110000100000007
	for loopback in [false, true]:
		var pair := Steam.createSocketPair(loopback, other, 0)
		check_equal(pair.success, true, "a pair")
		check_equal(Steam.getConnectionInfo(pair.connection1).identity, other, "the peer of the first")
		Steam.closeConnection(pair.connection1, 0, "", false)
		Steam.closeConnection(pair.connection2, 0, "", false)


func test_status_comes_in_numbers_and_in_words() -> void:
	var pair := await connected_pair()
	var answer := Steam.getConnectionRealTimeStatus(pair[1], 1)
	check_equal(answer.keys(), ["response", "connection_status", "lanes_status"], "keys of the answer")
	check_equal(answer.response, Steam.RESULT_OK, "response")
	check_equal(answer.connection_status.keys(), STATUS_KEYS, "keys of the status")
	check_equal(answer.lanes_status.size(), 1, "lanes")
	check_equal(answer.lanes_status[0].keys(), LANE_KEYS, "keys of a lane")
	check_equal(Steam.getConnectionRealTimeStatus(pair[1], 0, false).connection_status, {}, "a status not asked for")
	check_equal(Steam.getQuickConnectionStatus(pair[1]).keys(), STATUS_KEYS, "keys of the quick status")
	var page := Steam.getDetailedConnectionStatus(pair[1])
	check_equal(page.success, 0, "success")
	check(page.status.contains("127.0.0.1") and page.status == page.buffer, "the page, under both names")
	Steam.setConnectionName(pair[1], "ours")
	check_equal(Steam.getConnectionName(pair[1]), "ours", "the label")


func test_options_are_set_at_each_scope_and_read_back() -> void:
	var pair := await connected_pair()
	var nagle := Steam.NETWORKING_CONFIG_NAGLE_TIME
	check_equal(Steam.getConfigValueInfo(nagle).keys(), ["name", "type", "scope"], "keys of the info")
	check_equal(Steam.setConnectionConfigValueInt32(pair[1], nagle, 1000), true, "on the connection")
	var value := Steam.getConfigValue(nagle, Steam.NETWORKING_CONFIG_SCOPE_CONNECTION, pair[1])
	check_equal(value.result, Steam.NETWORKING_GET_CONFIG_VALUE_OK, "result")
	check_equal([value.type, value.decoded], [Steam.NETWORKING_CONFIG_TYPE_INT32, 1000], "the value")
	check_equal(value.value.decode_s32(0), 1000, "the value as bytes")
	var connection_scope := Steam.NETWORKING_CONFIG_SCOPE_CONNECTION
	check_equal(Steam.setConfigValue(nagle, connection_scope, pair[1], Steam.NETWORKING_CONFIG_TYPE_INT32, null), true, "clearing")
	value = Steam.getConfigValue(nagle, connection_scope, pair[1])
	check_equal(value.result, Steam.NETWORKING_GET_CONFIG_VALUE_OK_INHERITED, "result when inherited")
	var loss := Steam.NETWORKING_CONFIG_FAKE_PACKET_LOSS_SEND
	check_equal(Steam.setGlobalConfigValueFloat(loss, 12.5), true, "globally")
	check_equal(Steam.getConfigValue(loss, Steam.NETWORKING_CONFIG_SCOPE_GLOBAL, 0).decoded, 12.5, "the float")
	check_equal(Steam.setGlobalConfigValueInt32(loss, 0), true, "an int for a float")
	var listed := 0
	var option := Steam.iterateGenericEditableConfigValues(0, false)
	while option != 0:
		listed += 1
		option = Steam.iterateGenericEditableConfigValues(option, false)
	check(listed > 20, "options to show")
	var with_options := Steam.createListenSocketIP("127.0.0.1:0", {nagle: 77, "SendBufferSize": 100_000})
	value = Steam.getConfigValue(nagle, Steam.NETWORKING_CONFIG_SCOPE_LISTEN_SOCKET, with_options)
	check_equal(value.decoded, 77, "an option by number")
	value = Steam.getConfigValue(Steam.NETWORKING_CONFIG_SEND_BUFFER_SIZE, Steam.NETWORKING_CONFIG_SCOPE_LISTEN_SOCKET, with_options)
	check_equal(value.decoded, 100_000, "an option by name")


func test_a_full_buffer_tells_when_it_has_room_again() -> void:
	var listen := Steam.createListenSocketIP("127.0.0.1:0")
	var options := {Steam.NETWORKING_CONFIG_SEND_BUFFER_SIZE: 200_000}
	var client := Steam.connectByIPAddress(Steam.getListenSocketAddress(listen), options)
	await wait_until(func() -> bool: return state(client) == Steam.CONNECTION_STATE_CONNECTED, "connecting")
	var writable: Array[int] = []
	Steam.network_connection_writable.connect(func(connection: int) -> void: writable.append(connection))
	var payload := PackedByteArray()
	payload.resize(50_000)
	var result := Steam.RESULT_OK
	for _index in 1000:
		result = Steam.sendMessageToConnection(client, payload, Steam.NETWORKING_SEND_RELIABLE).result
		if result != Steam.RESULT_OK:
			break
	check_equal(result, Steam.RESULT_LIMIT_EXCEEDED, "the buffer is full")
	var server: int = changes.filter(func(change: Array) -> bool: return change[1].listen_socket == listen)[0][0]
	var has_room := func() -> bool:
		Steam.receiveMessagesOnConnection(server, 1000)
		return writable.has(client)
	await wait_until(has_room, "room again")


func test_the_log_comes_as_a_signal() -> void:
	var lines: Array[String] = []
	Steam.networking_sockets_debug_output.connect(func(_type: int, message: String) -> void: lines.append(message))
	Steam.setDebugOutputFunction(Steam.NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_VERBOSE)
	Steam.createListenSocketIP("127.0.0.1:0")
	await wait_until(func() -> bool: return not lines.is_empty(), "a line")
	check(lines[0].contains("listening on UDP 127.0.0.1"), "what it says")
	Steam.setDebugOutputFunction(Steam.NETWORKING_SOCKET_DEBUG_OUTPUT_TYPE_NONE)


func test_certificates_are_asked_for_and_refused_with_reasons() -> void:
	check_equal(Steam.getAuthenticationStatus(), Steam.NETWORKING_AVAILABILITY_CANNOT_TRY, "before")
	var told: Array[int] = []
	Steam.network_authentication_status.connect(func(available: int, _message: String) -> void: told.append(available))
	var request := Steam.getCertificateRequest()
	check_equal(request.keys(), ["certificate", "error_message", "cert_size"], "keys of the request")
	check_equal(request.certificate.size(), request.cert_size, "its size")
	check(request.cert_size > 30 and request.error_message == "", "the request")
	var answer := Steam.setCertificate("nonsense".to_utf8_buffer())
	check_equal(answer.keys(), ["response", "error"], "keys of the answer")
	check(not answer.response and answer.error != "", "nonsense is refused, with a reason")
	var key := PackedByteArray()
	key.resize(32)
	key[0] = 9
	check_equal(Steam.addTrustedCA(key), true, "trusting a key")
	check_equal(Steam.initAuthentication(), Steam.NETWORKING_AVAILABILITY_WAITING, "waiting for a certificate")
	await wait_until(func() -> bool: return told.has(Steam.NETWORKING_AVAILABILITY_WAITING), "the signal")
	check_equal(Steam.revokeKeys("12345\n# a remark\n6789"), 2, "keys revoked")


func test_each_message_of_a_call_has_values_of_its_own() -> void:
	var pair := Steam.createSocketPair(false, 0, 0)
	check_equal(Steam.configureConnectionLanes(pair.connection1, 2, [0, 0], [1, 1]), Steam.RESULT_OK, "two lanes")
	var sent: Array[Array] = []
	for number in 40:
		var payload := ("%d" % number).repeat(1 + number / 10).to_utf8_buffer()
		var lane := 1 if number % 8 > 5 else 0
		var answer := Steam.sendMessageToConnectionOnLane(pair.connection1, payload, 8, lane)
		sent.append([payload, lane, answer.message_number])
		if number == 20:
			Steam.setConnectionUserData(pair.connection2, 77)
	var messages := Steam.receiveMessagesOnConnection(pair.connection2, 100)
	check_equal(messages.size(), sent.size(), "messages")
	messages[0].payload[0] = 33
	messages[0].lane = 99
	for message in messages.slice(1):
		var found := sent.filter(func(row: Array) -> bool: return row[0] == message.payload)
		check_equal(found.size(), 1, "one such message was sent")
		check_equal([message.lane, message.message_number], found[0].slice(1), "its lane and number")
		check_equal(message.size, message.payload.size(), "its size")
		check_equal(message.keys(), MESSAGE_KEYS, "its keys")
