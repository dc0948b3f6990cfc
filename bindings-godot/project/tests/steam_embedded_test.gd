extends "suite.gd"
## Signals without `run_callbacks`.


func test_embedded_callbacks_emit_signals_each_frame() -> void:
	check_equal(Steam.steamInit(0, true), true, "starting with embed_callbacks")
	var states: Array[int] = []
	Steam.network_connection_status_changed.connect(
		func(_handle: int, info: Dictionary, _old: int) -> void: states.append(info.connection_state))
	var listen := Steam.createListenSocketIP("127.0.0.1:0")
	Steam.connectByIPAddress(Steam.getListenSocketAddress(listen))
	await wait_until(func() -> bool: return states.has(Steam.CONNECTION_STATE_CONNECTING), "a signal")
