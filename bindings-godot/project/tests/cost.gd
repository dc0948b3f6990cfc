extends SceneTree
## Prints what sending and receiving cost in a script: 1000 messages of 100 bytes in each frame, handed over in memory.
## `examples/receive_cost.rs` does the same in Rust; `cargo xtask bench godot` runs both. `-- --frames N`: how often.

const MESSAGES := 1000
const SIZE := 100

var _frames := 200


func _initialize() -> void:
	var arguments := OS.get_cmdline_user_args()
	if arguments.find("--frames") >= 0:
		_frames = arguments[arguments.find("--frames") + 1].to_int()
	var pair := Steam.createSocketPair(false, 0, 0)
	var payload := PackedByteArray()
	payload.resize(SIZE)
	var payloads: Array[PackedByteArray] = []
	payloads.resize(MESSAGES)
	payloads.fill(payload)
	var sending := 0
	var receiving := 0
	var making := 0
	for _frame in _frames:
		var start := Time.get_ticks_usec()
		Steam.sendMessages(pair.connection1, payloads, Steam.NETWORKING_SEND_RELIABLE)
		sending += Time.get_ticks_usec() - start
		start = Time.get_ticks_usec()
		var messages := Steam.receiveMessagesOnConnection(pair.connection2, MESSAGES)
		receiving += Time.get_ticks_usec() - start
		if messages.size() != MESSAGES:
			push_error("one call has brought %d messages, not %d" % [messages.size(), MESSAGES])
		if messages[0].payload != payload or messages[-1].message_number - messages[0].message_number != MESSAGES - 1:
			push_error("these are not the messages that were sent")
		messages = []
		making += _make()
	var count := float(_frames * MESSAGES)
	print("godot: send %.3f us, receive %.3f us per message" % [sending / count, receiving / count])
	print("engine: %.3f us to make as many dictionaries like these" % (making / count))
	quit()


## How long the engine itself takes for dictionaries like those of messages, microseconds.
func _make() -> int:
	var bytes := PackedByteArray()
	bytes.resize(SIZE)
	var start := Time.get_ticks_usec()
	var messages: Array[Dictionary] = []
	for number in MESSAGES:
		var payload := bytes.slice(0)
		messages.append({
			"payload": payload, "size": SIZE, "connection": 5, "identity": 6, "receiver_user_data": -1,
			"time_received": 7, "message_number": number, "flags": 8, "lane": 0,
		})
	var duration := Time.get_ticks_usec() - start
	return duration
