extends SceneTree
## The end of the process from within a handler of `Steam`'s signals: the exit code is 0.


func _initialize() -> void:
	Steam.network_connection_status_changed.connect(_on_status_changed)
	process_frame.connect(Steam.run_callbacks)
	var listen := Steam.createListenSocketIP("127.0.0.1:0")
	Steam.connectByIPAddress(Steam.getListenSocketAddress(listen))


func _on_status_changed(connect_handle: int, connection: Dictionary, _old_state: int) -> void:
	if connection.connection_state == Steam.CONNECTION_STATE_CONNECTING and connection.listen_socket != 0:
		Steam.network_connection_status_changed.disconnect(_on_status_changed)
		Steam.acceptConnection(connect_handle)
		print("tests: 1 passed, 0 failed")
		quit()
