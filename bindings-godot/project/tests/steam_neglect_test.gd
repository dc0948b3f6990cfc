extends "suite.gd"
## What a script forgets is told in the output, once.
##
## expects error: gamesockets: events have waited for 5 seconds: call Steam.run_callbacks()
## expects error: gamesockets: a connection has waited for 5 seconds to be accepted


func test_a_script_that_takes_no_events_is_told() -> void:
	var listen := Steam.createListenSocketIP("127.0.0.1:0")
	Steam.connectByIPAddress(Steam.getListenSocketAddress(listen))
	await _seconds(6.0)
	check_equal(Steam.isSteamRunning(), true, "running meanwhile")


func test_a_script_that_answers_no_connection_is_told() -> void:
	var incoming: Array[int] = []
	# A connection of its own: the first test's is about to give up.
	var listen := Steam.createListenSocketIP("127.0.0.1:0")
	var heard := func(handle: int, info: Dictionary, _old: int) -> void:
		if info.listen_socket == listen:
			incoming.append(handle)
	Steam.network_connection_status_changed.connect(heard)
	process_frame.connect(Steam.run_callbacks)
	Steam.connectByIPAddress(Steam.getListenSocketAddress(listen))
	await wait_until(func() -> bool: return not incoming.is_empty(), "the incoming connection")
	await _seconds(6.0)
	check(Steam.getConnectionInfo(incoming[0]).connection_state != Steam.CONNECTION_STATE_CONNECTED, "not accepted")


func _seconds(count: float) -> void:
	var end := Time.get_ticks_msec() + int(count * 1000.0)
	while Time.get_ticks_msec() < end:
		await process_frame
