extends SceneTree
## Plays the conformance scripts; tests/conformance/README.md says what they mean. Each is a test.
##
## `GAMESOCKETS_CONFORMANCE` names the file that
## `cargo run -p gamesockets-tests --bin conformance -- json FOLDER` has written.

const Values := preload("conformance_values.gd")
const FORMAT := 1
const SECONDS_MAX := 30.0
## For what is not to come.
const SECONDS_IN_VAIN := 0.1

var _steam := Engine.get_singleton("Steam")
var _functions := {}
var _fields := {}
## What has been told and not been asked for: [signal, record].
var _told := []
var _saved := {}
## How long the running step may wait.
var _seconds_max := SECONDS_MAX


func _initialize() -> void:
	_run()


func _run() -> void:
	await process_frame
	var passed := 0
	var failed := 0
	var skipped := 0
	for script in _read():
		var reason := _reason_to_skip(script)
		if reason:
			skipped += 1
			print("skipped ", script.name, ": ", reason)
			continue
		var problem := await _play(script)
		if problem:
			failed += 1
			print("FAILED ", script.name, "\n    ", problem)
		else:
			passed += 1
			print("ok ", script.name)
	print("%d scripts skipped" % skipped)
	print("tests: %d passed, %d failed" % [passed, failed])
	quit(mini(failed, 100))


func _read() -> Array:
	var path := OS.get_environment("GAMESOCKETS_CONFORMANCE")
	var text := FileAccess.get_file_as_string(path)
	var all: Variant = JSON.parse_string(text) if text else null
	if not all is Dictionary or all.get("format") != FORMAT:
		push_error("GAMESOCKETS_CONFORMANCE: no conformance scripts of format %d in \"%s\"" % [FORMAT, path])
		return []
	_functions = all.functions
	for event in all.events:
		_fields[event] = all.events[event].fields.map(func(field: Dictionary) -> String: return field.name)
		# Callables take as many arguments as a signal has.
		var handlers := [_on_none, _on_one, _on_two, _on_three, _on_four, _on_five]
		_steam.connect(event, handlers[_fields[event].size()].bind(event))
	return all.scripts


func _reason_to_skip(script: Dictionary) -> String:
	if script.instances.size() > 1:
		return "there is one instance in Godot"
	if script.native:
		return "it calls what only native languages have"
	return ""


## What went wrong; empty if nothing did.
func _play(script: Dictionary) -> String:
	_steam.steamShutdown()
	_steam.steamInit()
	_steam.resetIdentity(0)
	_told.clear()
	_saved.clear()
	var last: Dictionary = script.steps.back()
	for step in script.steps:
		var is_wrong: bool = script.must_fail and step == last
		_seconds_max = SECONDS_IN_VAIN if is_wrong else SECONDS_MAX
		var problem := await _do(step)
		if is_wrong:
			return "" if problem else "%s: this has to be noticed as wrong" % step.place
		if problem:
			return "%s: %s" % [step.place, problem]
	return ""


func _do(step: Dictionary) -> String:
	var expected: Variant = step.get("expect", {"$any": "variant"})
	if step.has("no_event"):
		_steam.runNetworkingCallbacks()
		var index := _find(step.no_event, expected)
		return "" if index < 0 else "%s was told: %s" % [step.no_event, _told[index][1]]
	var answer: Variant
	if step.has("event"):
		var outcome := await _wait_event(step.event, expected)
		if outcome[0]:
			return outcome[0]
		answer = outcome[1]
	else:
		answer = await _call(step, expected)
	var problem := Values.mismatch(expected, answer, _saved)
	if problem:
		return "%s%s" % [step.get("call", step.get("event")), problem]
	for name in step.get("save", {}):
		_saved[name] = Values.part(answer, step.save[name])
	return ""


func _call(step: Dictionary, expected: Variant) -> Variant:
	var args: Array = step.args.map(func(arg: Variant) -> Variant: return Values.plain(arg, _saved))
	var method: String = _functions[step.call].godot_name
	var end := Time.get_ticks_msec() + int(_seconds_max * 1000.0)
	var gathered := []
	while true:
		var answer: Variant = _steam.callv(method, args)
		var done := true
		if step.has("count"):
			gathered.append_array(answer)
			answer = gathered
			done = gathered.size() >= step.count
		elif step.has("wait"):
			done = not Values.mismatch(expected, answer, _saved)
		if done or Time.get_ticks_msec() > end:
			return answer
		await process_frame
	return null


## A problem, or nothing and the event's record.
func _wait_event(event: String, expected: Variant) -> Array:
	var end := Time.get_ticks_msec() + int(_seconds_max * 1000.0)
	_steam.runNetworkingCallbacks()
	var index := _find(event, expected)
	while index < 0:
		if Time.get_ticks_msec() > end:
			return ["no %s as expected came; told were: %s" % [event, _told], null]
		await process_frame
		_steam.runNetworkingCallbacks()
		index = _find(event, expected)
	var record: Dictionary = _told[index][1]
	for earlier in _told.slice(0, index):
		var about: Variant = earlier[1].get("connect_handle")
		if earlier[0] == event and about != null and about == record.get("connect_handle"):
			return ["before %s, this came about the same connection: %s" % [record, earlier[1]], null]
	_told.remove_at(index)
	return ["", record]


func _find(event: String, expected: Variant) -> int:
	for index in _told.size():
		if _told[index][0] == event and not Values.mismatch(expected, _told[index][1], _saved):
			return index
	return -1


func _tell(event: String, args: Array) -> void:
	var record := {}
	for index in args.size():
		record[_fields[event][index]] = args[index]
	_told.append([event, record])


func _on_none(event: String) -> void:
	_tell(event, [])


func _on_one(a: Variant, event: String) -> void:
	_tell(event, [a])


func _on_two(a: Variant, b: Variant, event: String) -> void:
	_tell(event, [a, b])


func _on_three(a: Variant, b: Variant, c: Variant, event: String) -> void:
	_tell(event, [a, b, c])


func _on_four(a: Variant, b: Variant, c: Variant, d: Variant, event: String) -> void:
	_tell(event, [a, b, c, d])


func _on_five(a: Variant, b: Variant, c: Variant, d: Variant, e: Variant, event: String) -> void:
	_tell(event, [a, b, c, d, e])
