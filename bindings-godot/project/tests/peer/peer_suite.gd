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


## Starts a second Godot on other.gd.
func start_other(role: String, address := "") -> Other:
	var arguments := PackedStringArray(["--headless", "--path", ProjectSettings.globalize_path("res://"),
			"--script", "res://tests/peer/other.gd", "--", role, address])
	var other := Other.new()
	other.process = OS.execute_with_pipe(OS.get_environment("GODOT4_BIN"), arguments, false)
	check(not other.process.is_empty(), "a second process starts; GODOT4_BIN names Godot")
	return other


## The rest of the first line of another process that begins with this word.
func line_of(other: Other, word: String) -> String:
	await wait_until(func() -> bool: return other.line(word) != "", "the other says " + word)
	return other.line(word)


## The engine's words when the last unreliable state of a client that left overtakes the reliable news of its leaving:
## allowed, as modes are not ordered among each other.
const LATE_STATE := "Parameter \"pinfo\" is null."


## Waits until another process has ended; errors in its output are failures.
func wait_for_exit(other: Other) -> void:
	await wait_until(func() -> bool:
		other.read()
		return not OS.is_process_running(other.process.pid), "the other process ends")
	other.read()
	for line in other.output.split("\n"):
		var is_error := line.contains("ERROR") or line.contains("panicked")
		check(not is_error or line.contains(LATE_STATE), "the other process: " + line)


## Another process, and what it has printed.
class Other:
	var process := {}
	var output := ""

	func read() -> void:
		for pipe: FileAccess in [process.stdio, process.stderr]:
			output += pipe.get_buffer(65536).get_string_from_utf8()

	func line(word: String) -> String:
		read()
		for text in output.substr(0, output.rfind("\n") + 1).split("\n"):
			if text.begins_with(word + " "):
				return text.trim_prefix(word + " ")
		return ""
