extends "../suite.gd"
## What tests of GameSocketsPeer need: ends in this process, and a second process.

const End := preload("end.gd")

var _ends: Array[Node] = []


## An end in the tree, not connected.
func new_end() -> End:
	var end := End.new()
	root.add_child(end)
	_ends.append(end)
	return end


func new_host() -> End:
	var end := new_end()
	check_equal(end.host(), OK, "create_host")
	return end


## A client that has begun to connect.
func new_client(host: End) -> End:
	var end := new_end()
	check_equal(end.join(host.peer.get_local_address()), OK, "create_client")
	return end


## A host and clients, all of whom know each other.
func new_session(clients: int) -> Array[End]:
	var ends: Array[End] = [new_host()]
	for index in clients:
		ends.append(new_client(ends[0]))
	await wait_until(func() -> bool:
		return ends.all(func(end: End) -> bool: return end.api.get_peers().size() == clients), "all know each other")
	return ends


## Frees all ends of a test.
func leave_all() -> void:
	for end: End in _ends:
		end.leave()
	_ends.clear()
	await process_frame


## Starts a second Godot on a script of this folder; answers as `OS.execute_with_pipe` does, or an empty dictionary.
func start_other(script: String, arguments: PackedStringArray) -> Dictionary:
	var all := PackedStringArray(["--headless", "--path", ProjectSettings.globalize_path("res://"),
			"--script", "res://tests/peer/" + script, "--"])
	all.append_array(arguments)
	var other := OS.execute_with_pipe(OS.get_environment("GODOT4_BIN"), all, false)
	check(not other.is_empty(), "a second process starts")
	return other


## The rest of the first line of another process that begins with this word; empty when none comes.
func line_of(other: Dictionary, word: String) -> String:
	var text := [""]
	await wait_until(func() -> bool:
		var line: String = other.stdio.get_line()
		if line.begins_with(word + " "):
			text[0] = line.trim_prefix(word + " ")
		return text[0] != "", "the other says " + word)
	return text[0]


func wait_for_exit(other: Dictionary) -> void:
	await wait_until(func() -> bool: return not OS.is_process_running(other.pid), "the other process ends")
