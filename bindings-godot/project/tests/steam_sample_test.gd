extends "suite.gd"
## A script written for GodotSteam runs as it is.

const Sample := preload("res://tests/godotsteam_sample.gd")


func test_a_script_for_godotsteam_listens_connects_talks_and_closes() -> void:
	var ended: Array = []
	var host := Sample.new()
	host.is_host = true
	host.address = "127.0.0.1:0"
	host.finished.connect(func(_lines: PackedStringArray) -> void: ended.append(host))
	root.add_child(host)
	var client := Sample.new()
	client.address = host.address
	client.finished.connect(func(_lines: PackedStringArray) -> void: ended.append(client))
	root.add_child(client)
	await wait_until(func() -> bool: return ended.size() == 2, "both have finished")
	check_equal(host.log_lines, PackedStringArray(["connected", "client: hello", "closed: done"]), "what the host saw")
	check_equal(client.log_lines, PackedStringArray(["connected", "host: welcome"]), "what the client saw")
	host.free()
	client.free()
