extends "steam_suite.gd"
## The end of the process, with connections open, a lambda still connected and messages unread: the exit code is 0.


func test_nothing_is_closed() -> void:
	var untouched := [0]
	Steam.network_connection_status_changed.connect(
		func(_handle: int, _info: Dictionary, _old: int) -> void: untouched[0] += 1)
	var pair := await connected_pair()
	Steam.sendMessageToConnection(pair[1], "unread".to_utf8_buffer(), 8)
	check(untouched[0] > 0, "the lambda is connected")
