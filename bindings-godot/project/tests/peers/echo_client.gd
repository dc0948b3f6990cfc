extends "res://tests/steam_suite.gd"
## A client in a process of its own: what it sends to the server of `--server=IP:port` has to come back.


func test_what_is_sent_comes_back() -> void:
	var connection := Steam.connectByIPAddress(_server())
	await wait_until(func() -> bool: return state(connection) == Steam.CONNECTION_STATE_CONNECTED, "connecting")
	var sent: Array[PackedByteArray] = []
	for size in [0, 1, 100, 1200, 5000, 100_000]:
		var payload := PackedByteArray()
		payload.resize(size)
		for index in size:
			payload[index] = (index * 31 + size) % 253
		sent.append(payload)
		var answer := Steam.sendMessageToConnection(connection, payload, Steam.NETWORKING_SEND_RELIABLE)
		check_equal(answer.result, Steam.RESULT_OK, "sending %d bytes" % size)
	var received := await messages_of(connection, sent.size())
	for index in mini(sent.size(), received.size()):
		check(received[index].payload == sent[index], "message %d came back as it was" % index)
		check_equal(received[index].flags, Steam.NETWORKING_SEND_RELIABLE, "its flags")
	check_equal(Steam.closeConnection(connection, 1001, "enough", true), true, "closing")


func _server() -> String:
	for argument in OS.get_cmdline_user_args():
		if argument.begins_with("--server="):
			return argument.trim_prefix("--server=")
	return ""
