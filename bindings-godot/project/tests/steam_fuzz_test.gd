extends "suite.gd"
## Thousands of calls with whatever comes to mind: the engine neither crashes nor keeps what it was given.
##
## Errors in the output fail the test, but for wrong types: those are the engine's to refuse, and it says so each time.

## Of right types, and of wrong ones.
const CALLS := 10_000
const ROUNDS := 10
## What may stay: caches, and memory that the allocator keeps.
const GROWTH_MAX_KIB := 24 * 1024

var _random := RandomNumberGenerator.new()
var _methods: Array[Dictionary] = []
var _handles: Array[int] = [0]


func test_calls_of_right_types_have_answers_whatever_the_values() -> void:
	_prepare(1)
	await _call_again_and_again(func(method: Dictionary) -> void:
		var arguments: Array = method.args.map(func(argument: Dictionary) -> Variant: return _value(argument.type))
		var answer: Variant = Steam.callv(method.name, arguments)
		if typeof(answer) != method.return.type:
			check(false, "%s%s answers %s" % [method.name, arguments, answer])
		_keep(answer))


func test_calls_of_wrong_types_and_counts_are_refused() -> void:
	_prepare(2)
	# Each is an error of the engine, with the place in this script: the last words would be lost among them.
	Engine.print_error_messages = false
	await _call_again_and_again(func(method: Dictionary) -> void:
		var arguments := []
		for _argument in _random.randi_range(0, 6):
			arguments.append(_value(_random.randi() % TYPE_MAX))
		_keep(Steam.callv(method.name, arguments)))
	Engine.print_error_messages = true
	var pair := Steam.createSocketPair(false, 0, 0)
	check_equal(Steam.sendMessageToConnection(pair.connection1, PackedByteArray([1]), 8).result, Steam.RESULT_OK, "a send")


## Makes all the calls, and begins anew after each round. From the second round on the memory in use stays what it is.
func _call_again_and_again(call_one: Callable) -> void:
	var memory := 0
	for round_number in ROUNDS:
		for _index in CALLS / ROUNDS:
			call_one.call(_methods[_random.randi() % _methods.size()])
		Steam.steamShutdown()
		check(Steam.steamInit(), "starting again")
		_handles = [0]
		await process_frame
		if round_number == 1:
			memory = _memory_kib()
	check(memory > 0, "the memory in use is known")
	var growth := _memory_kib() - memory
	check(growth < GROWTH_MAX_KIB, "memory has grown by %d KiB since the second round" % growth)


func _prepare(seed_number: int) -> void:
	_random.seed = seed_number
	_methods.assign(ClassDB.class_get_method_list("Steam", true).filter(
		func(method: Dictionary) -> bool: return not method.name.begins_with("_")))
	check(_methods.size() > 70, "methods")


## Handles that came up, for later calls.
func _keep(answer: Variant) -> void:
	if answer is int and answer > 0xFFFFFF and _handles.size() < 100:
		_handles.append(answer)
	elif answer is Dictionary and answer.has("connection1"):
		_handles.append_array([answer.connection1, answer.connection2])


func _value(type: int) -> Variant:
	match type:
		TYPE_BOOL:
			return _random.randi() % 2 == 0
		TYPE_INT:
			return _int()
		TYPE_FLOAT:
			return [0.0, -1.5, NAN, INF, -INF, 1e300, 99.5][_random.randi() % 7]
		TYPE_STRING:
			return _text()
		TYPE_STRING_NAME:
			return StringName(_text())
		TYPE_DICTIONARY:
			return {_value(_random.randi() % TYPE_MAX): _value(TYPE_INT), _int(): _text()} if _random.randi() % 2 else {}
		TYPE_ARRAY:
			return _array()
		TYPE_PACKED_BYTE_ARRAY:
			var bytes := PackedByteArray()
			bytes.resize([0, 1, 32, 1200, 600_000][_random.randi() % 5])
			bytes.fill(_random.randi() % 256)
			return bytes
		TYPE_NIL:
			# A parameter of any type.
			return _value(1 + _random.randi() % (TYPE_MAX - 1)) if _random.randi() % 4 else null
		TYPE_OBJECT:
			return [null, self, Steam][_random.randi() % 3]
		TYPE_CALLABLE:
			return _text
		_:
			return type_convert(null, type)


func _int() -> int:
	if _random.randi() % 2:
		return _handles[_random.randi() % _handles.size()]
	var numbers := [
		0, 1, -1, 2, 8, 9, 12, 16, 25, 255, 256, 1000, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
		9223372036854775807, -9223372036854775808, 0x0110000100000001, -2, -100,
	]
	return numbers[_random.randi() % numbers.size()]


func _text() -> String:
	var texts := [
		"", "127.0.0.1:0", "[::1]:0", ":0", "127.0.0.1:9", "localhost:5", "str:alice", "steamid:5", "ip:10.0.0.1", "0",
		"ä".repeat(5000), "x\ny", "99999999999999999999", "-1", "1.5", "gen:00ff", "{}",
	]
	return texts[_random.randi() % texts.size()]


func _array() -> Array:
	match _random.randi() % 4:
		0:
			return []
		1:
			return [_int(), _int()]
		2:
			var many := []
			many.resize(20_000)
			many.fill(PackedByteArray([1, 2, 3]))
			return many
		_:
			return [null, _text(), [], {}, PackedByteArray([1]), NAN]


## What the process holds; 0 where the system does not say.
func _memory_kib() -> int:
	var file := FileAccess.open("/proc/self/status", FileAccess.READ)
	while file and not file.eof_reached():
		var line := file.get_line()
		if line.begins_with("VmRSS:"):
			return line.to_int()
	return 0
