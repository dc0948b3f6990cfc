extends SceneTree
## Prints what sending and receiving cost in a script: 1000 messages of 100 bytes in each frame, handed over in memory.
## `examples/receive_cost.rs` does the same in Rust.

const FRAMES := 200
const MESSAGES := 1000
const SIZE := 100


func _initialize() -> void:
	var pair := Steam.createSocketPair(false, 0, 0)
	var payload := PackedByteArray()
	payload.resize(SIZE)
	var payloads: Array[PackedByteArray] = []
	payloads.resize(MESSAGES)
	payloads.fill(payload)
	var sending := 0
	var receiving := 0
	for _frame in FRAMES:
		var start := Time.get_ticks_usec()
		Steam.sendMessages(pair.connection1, payloads, Steam.NETWORKING_SEND_RELIABLE)
		sending += Time.get_ticks_usec() - start
		start = Time.get_ticks_usec()
		var messages := Steam.receiveMessagesOnConnection(pair.connection2, MESSAGES)
		receiving += Time.get_ticks_usec() - start
		if messages.size() != MESSAGES:
			push_error("%d messages" % messages.size())
	var count := float(FRAMES * MESSAGES)
	print("godot: send %.3f us, receive %.3f us per message" % [sending / count, receiving / count])
	quit()
