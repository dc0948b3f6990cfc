extends "steam_suite.gd"
## A handler shuts the library down that is calling it.


func test_a_handler_may_shut_the_library_down() -> void:
	accepts = false
	var calls := [0]
	var handler := func(_handle: int, _info: Dictionary, _old: int) -> void:
		calls[0] += 1
		Steam.steamShutdown()
		Steam.run_callbacks()
	Steam.network_connection_status_changed.connect(handler)
	var listen := Steam.createListenSocketIP("127.0.0.1:0")
	Steam.connectByIPAddress(Steam.getListenSocketAddress(listen))
	await wait_until(func() -> bool: return not Steam.isSteamRunning(), "the end")
	check_equal(calls[0], 1, "the rest of the events is dropped")
