extends RefCounted
## Values of conformance scripts, as JSON has them, and whether an answer is what they expect.


## The value that is handed over. In JSON every number is a float to Godot: here, one that says nothing is an integer.
static func plain(value: Variant, saved: Dictionary) -> Variant:
	match typeof(value):
		TYPE_FLOAT, TYPE_INT:
			return int(value)
		TYPE_ARRAY:
			return value.map(func(element: Variant) -> Variant: return plain(element, saved))
		TYPE_DICTIONARY:
			return _plain_object(value, saved)
	return value


## What is wrong with an answer; empty if it is as expected.
static func mismatch(expected: Variant, answer: Variant, saved: Dictionary) -> String:
	if expected is Array:
		return _list_mismatch(expected, answer, saved)
	if expected is Dictionary:
		return _object_mismatch(expected, answer, saved)
	var wanted: Variant = plain(expected, saved)
	return "" if _is_same(wanted, answer) else _wrong(answer, str(wanted))


## The part of an answer at a path of keys and numbers, joined by dots.
static func part(answer: Variant, path: String) -> Variant:
	for key in path.split(".", false):
		answer = answer[key] if answer is Dictionary else answer[int(key)]
	return answer


static func _plain_object(value: Dictionary, saved: Dictionary) -> Variant:
	if value.has("$float"):
		return float(value["$float"])
	if value.has("$int"):
		return value["$int"].to_int()
	if value.has("$hex"):
		return value["$hex"].hex_decode()
	if value.has("$fill"):
		var bytes := PackedByteArray()
		bytes.resize(int(value["$size"]))
		bytes.fill(int(value["$fill"]))
		return bytes
	if value.has("$saved"):
		return saved[value["$saved"]]
	if value.has("$options"):
		var options := {}
		for pair in value["$options"]:
			options[int(pair[0])] = plain(pair[1], saved)
		return options
	return null


static func _list_mismatch(expected: Array, answer: Variant, saved: Dictionary) -> String:
	if type_of(answer) != "list" or answer.size() != expected.size():
		return _wrong(answer, "a list of %d" % expected.size())
	for index in expected.size():
		var problem := mismatch(expected[index], answer[index], saved)
		if problem:
			return ".%d%s" % [index, problem]
	return ""


static func _object_mismatch(expected: Dictionary, answer: Variant, saved: Dictionary) -> String:
	if expected.has("$any"):
		var wanted: String = expected["$any"]
		return "" if wanted == "variant" or wanted == type_of(answer) else _wrong(answer, "any " + wanted)
	if expected.has("$min") or expected.has("$max"):
		return "" if _is_between(expected, answer, saved) else _wrong(answer, str(expected))
	if expected.has("$contains"):
		var text: String = expected["$contains"]
		return "" if answer is String and answer.contains(text) else _wrong(answer, "a text with %s in it" % text)
	if expected.has("$empty"):
		var is_empty: bool = answer == null or (type_of(answer) in ["text", "bytes", "list", "record"] and answer.is_empty())
		return "" if is_empty else _wrong(answer, "something empty")
	if expected.has("$not"):
		return "" if mismatch(expected["$not"], answer, saved) else _wrong(answer, "something else")
	if expected.has("$unordered"):
		return _unordered_mismatch(expected["$unordered"], answer, saved)
	if expected.keys().any(func(key: String) -> bool: return key.begins_with("$")):
		var wanted: Variant = plain(expected, saved)
		return "" if _is_same(wanted, answer) else _wrong(answer, str(wanted))
	if not answer is Dictionary:
		return _wrong(answer, "a record")
	for key in expected:
		if not answer.has(key):
			return ".%s is missing in %s" % [key, answer]
		var problem := mismatch(expected[key], answer[key], saved)
		if problem:
			return ".%s%s" % [key, problem]
	return ""


static func _is_between(expected: Dictionary, answer: Variant, saved: Dictionary) -> bool:
	if not type_of(answer) in ["int", "float"]:
		return false
	if expected.has("$min") and answer < plain(expected["$min"], saved):
		return false
	return not (expected.has("$max") and answer > plain(expected["$max"], saved))


static func _unordered_mismatch(expected: Array, answer: Variant, saved: Dictionary) -> String:
	if type_of(answer) != "list" or answer.size() != expected.size():
		return _wrong(answer, "a list of %d" % expected.size())
	var left := Array(answer)
	for wanted in expected:
		var found := -1
		for index in left.size():
			if found < 0 and not mismatch(wanted, left[index], saved):
				found = index
		if found < 0:
			return _wrong(answer, "one like %s" % wanted)
		left.remove_at(found)
	return ""


static func _is_same(wanted: Variant, answer: Variant) -> bool:
	if type_of(wanted) != type_of(answer):
		return false
	if wanted is float:
		return absf(wanted - answer) <= 1e-6 * maxf(absf(wanted), 1.0)
	return wanted == answer


## The neutral name of a value's type.
static func type_of(value: Variant) -> String:
	match typeof(value):
		TYPE_NIL:
			return "nothing"
		TYPE_BOOL:
			return "bool"
		TYPE_INT:
			return "int"
		TYPE_FLOAT:
			return "float"
		TYPE_STRING:
			return "text"
		TYPE_PACKED_BYTE_ARRAY:
			return "bytes"
		TYPE_DICTIONARY:
			return "record"
		TYPE_ARRAY, TYPE_PACKED_INT32_ARRAY, TYPE_PACKED_INT64_ARRAY:
			return "list"
	return type_string(typeof(value))


static func _wrong(answer: Variant, wanted: String) -> String:
	var shown := str(answer)
	return " is %s, expected %s" % [shown if shown.length() < 500 else shown.left(500) + "...", wanted.left(500)]
