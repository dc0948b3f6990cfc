extends "peer/peer_suite.gd"
## The overlay with the figures of a connection.


func new_monitor(end: End) -> GameSocketsMonitor:
	var monitor := GameSocketsMonitor.new()
	end.add_child(monitor)
	return monitor


func press(key: Key) -> void:
	var event := InputEventKey.new()
	event.keycode = key
	event.pressed = true
	root.push_input(event)
	await process_frame


func test_it_is_hidden_until_its_key_is_pressed() -> void:
	var ends := await new_session(1)
	var monitor := new_monitor(ends[1])
	check_equal(monitor.visible, false, "visible at first")
	await create_timer(0.3).timeout
	check_equal(monitor.get_sample_count(), 0, "samples while it is hidden")
	check_equal(monitor.is_processing(), false, "whether it works while it is hidden")
	await press(KEY_F3)
	check_equal(monitor.visible, true, "visible after the key")
	await wait_until(func() -> bool: return monitor.get_sample_count() > 3, "samples come")
	await press(KEY_F3)
	check_equal(monitor.visible, false, "visible after the key again")
	check_equal([monitor.get_sample_count(), monitor.is_processing()], [0, false], "samples and work after that")
	monitor.toggle_key = KEY_NONE
	await press(KEY_F3)
	check_equal(monitor.visible, false, "visible without a key")
	await leave_all()


func test_it_watches_the_peer_of_the_tree_and_others_by_choice() -> void:
	var ends := await new_session(2)
	var monitor := new_monitor(ends[1])
	monitor.visible = true
	await wait_until(func() -> bool: return monitor.get_title().begins_with("host · 127.0.0.1:"), "a client's is the host")
	monitor.peer = ends[0].peer
	monitor.peer_id = ends[2].id()
	var title := "peer %d · " % ends[2].id()
	await wait_until(func() -> bool: return monitor.get_title().begins_with(title), "a peer by its number")
	monitor.peer_id = 5
	await wait_until(func() -> bool: return monitor.get_title() == "", "nobody")
	check_equal(monitor.get_sample_count(), 0, "samples of nobody")
	await leave_all()


func test_it_watches_a_connection_of_steam() -> void:
	var end := new_end()
	var monitor := new_monitor(end)
	var pair: Array = Steam.createSocketPair(true, 76561197960265729, 76561197960265730).values()
	var handles := pair.filter(func(value: Variant) -> bool: return value is int and value > 1)
	check_equal(handles.size(), 2, "the ends of a pair")
	monitor.connection = handles[0]
	monitor.visible = true
	await wait_until(func() -> bool: return monitor.get_title() == "connection %d · steamid:76561197960265729" % handles[0], "it is watched")
	Steam.closeConnection(handles[0], 0, "", false)
	await wait_until(func() -> bool: return monitor.get_title() == "", "and no more when it is closed")
	Steam.closeConnection(handles[1], 0, "", false)
	await leave_all()


func test_what_it_keeps_is_bounded() -> void:
	var ends := await new_session(1)
	var monitor := new_monitor(ends[1])
	monitor.visible = true
	Engine.time_scale = 100.0
	await wait_until(func() -> bool: return monitor.get_sample_count() == 120, "it is full")
	for frame in 30:
		await process_frame
	check_equal(monitor.get_sample_count(), 120, "samples")
	Engine.time_scale = 1.0
	await leave_all()
