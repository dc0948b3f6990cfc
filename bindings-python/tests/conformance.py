"""The conformance scripts' values, and the package's calls as the flat API answers them.

``tests/conformance/README.md`` of the repository says what both mean.
"""

from __future__ import annotations

import re
from typing import Any

from gamesockets import GamesocketsError, GetConfigValueResult, InvalidHandle, SendFlags, Sockets

CONFIG_FAILURES = {True: GetConfigValueResult.BAD_SCOPE_OBJ, False: GetConfigValueResult.BAD_VALUE}
FAILURES: dict[str, Any] = {"bool": False, "int": 0, "text": "", "list": [], "record": {}, "nothing": None}
RESULTS = ("AcceptConnection", "ConfigureConnectionLanes", "FlushMessagesOnConnection")


def plain(value: Any, saved: dict[str, Any]) -> Any:
    """Give the value that is handed over."""
    if isinstance(value, list):
        return [plain(element, saved) for element in value]
    if not isinstance(value, dict):
        return value
    if "$hex" in value:
        return bytes.fromhex(value["$hex"])
    if "$fill" in value:
        return bytes([value["$fill"]]) * value["$size"]
    if "$options" in value:
        return {number: plain(option, saved) for number, option in value["$options"]}
    if "$saved" in value:
        return saved[value["$saved"]]
    return float(value["$float"]) if "$float" in value else int(value["$int"])


def mismatch(expected: Any, answer: Any, saved: dict[str, Any]) -> str | None:
    """Say what is wrong with an answer; None if it is as expected."""
    if isinstance(expected, list):
        return list_mismatch(expected, answer, saved)
    if isinstance(expected, dict) and not any(key.startswith("$") for key in expected):
        return record_mismatch(expected, answer, saved)
    return None if fits(expected, answer, saved) else f" is {str(answer)[:500]}, expected {str(expected)[:500]}"


def fits(expected: Any, answer: Any, saved: dict[str, Any]) -> bool:
    """Whether an answer is what a single value or a special form expects."""
    match expected:
        case {"$any": kind}:
            return kind in ("variant", type_of(answer))
        case {"$contains": text}:
            return isinstance(answer, str) and text in answer
        case {"$empty": _}:
            return answer is None or (type_of(answer) in ("text", "bytes", "list", "record") and len(answer) == 0)
        case {"$not": value}:
            return mismatch(value, answer, saved) is not None
        case {"$unordered": values}:
            return type_of(answer) == "list" and fits_unordered(values, list(answer), saved)
        case {"$min": _} | {"$max": _}:
            low, high = (plain(expected[key], saved) if key in expected else answer for key in ("$min", "$max"))
            return type_of(answer) in ("int", "float") and bool(low <= answer <= high)
    wanted = plain(expected, saved)
    if isinstance(wanted, float) and isinstance(answer, float):
        return abs(wanted - answer) <= 1e-6 * max(abs(wanted), 1.0)
    return type_of(wanted) == type_of(answer) and bool(wanted == answer)


def fits_unordered(values: list[Any], left: list[Any], saved: dict[str, Any]) -> bool:
    """Whether each value in turn finds an answer of its own."""
    if len(values) != len(left):
        return False
    for value in values:
        found = next((index for index, answer in enumerate(left) if mismatch(value, answer, saved) is None), None)
        if found is None:
            return False
        left.pop(found)
    return True


def list_mismatch(expected: list[Any], answer: Any, saved: dict[str, Any]) -> str | None:
    """Compare element by element."""
    if type_of(answer) != "list" or len(answer) != len(expected):
        return f" is {str(answer)[:500]}, expected {len(expected)} elements"
    problems = (mismatch(value, part, saved) for value, part in zip(expected, answer, strict=True))
    return next((f".{index}{problem}" for index, problem in enumerate(problems) if problem), None)


def record_mismatch(expected: dict[str, Any], answer: Any, saved: dict[str, Any]) -> str | None:
    """Compare the fields that are named."""
    if not isinstance(answer, dict):
        return f" is {answer}, expected a record"
    for key, value in expected.items():
        if key not in answer:
            return f".{key} is missing in {answer}"
        if problem := mismatch(value, answer[key], saved):
            return f".{key}{problem}"
    return None


def part(answer: Any, path: str) -> Any:
    """Give the part of an answer at a path of keys and numbers."""
    for key in filter(None, path.split(".")):
        answer = answer[key] if isinstance(answer, dict) else answer[int(key)]
    return answer


def type_of(value: Any) -> str:
    """Give the neutral name of a value's type."""
    kinds = {bool: "bool", int: "int", float: "float", str: "text", bytes: "bytes", list: "list", dict: "record"}
    return next((name for kind, name in kinds.items() if isinstance(value, kind)), "nothing")


def method_name(godot_name: str) -> str:
    """Give the name of a function in Python: ``createListenSocketIP`` is ``create_listen_socket_ip``."""
    name = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", godot_name.replace("IPv4", "Ipv4"))
    return re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name).lower()


def call(sockets: Sockets, name: str, function: dict[str, Any], args: list[Any]) -> Any:
    """Call a function, and give the answer that the flat API has for it."""
    if name.startswith("SetGlobalCallback_"):
        return True  # Events are told in any case.
    if name in ("CreateSocketPair", "ResetIdentity"):
        args = [None if arg == 0 and arg is not False else arg for arg in args]
    try:
        answer = getattr(sockets, method_name(function["godot_name"]))(*args)
    except (GamesocketsError, ValueError) as error:
        return failure(name, function["returns"], error)
    return success(name, function["returns"], answer)


def success(name: str, kind: str, answer: Any) -> Any:
    """Give what the flat API answers to success."""
    if name in RESULTS:
        return 1
    match name:
        case "SendMessageToConnection":
            return {"result": 1, "message_number": answer}
        case "CreateSocketPair":
            return {"success": True, "connection1": answer[0], "connection2": answer[1]}
        case "GetDetailedConnectionStatus":
            return {"success": 0, "status": answer, "buffer": answer}
        case "GetCertificateRequest":
            return {"certificate": answer, "error_message": "", "cert_size": len(answer)}
        case "SetCertificate":
            return {"response": True, "error": ""}
        case "ReceiveMessagesOnConnection" | "ReceiveMessagesOnListenSocket" | "ReceiveMessagesOnPollGroup":
            return [message(received) for received in answer]
    return True if kind == "bool" and answer is None else neutral(answer)


def failure(name: str, kind: str, error: Exception) -> Any:
    """Give what the flat API answers to failure."""
    result = getattr(error, "result", 8)
    if name in RESULTS:
        return int(result)
    match name:
        case "SendMessageToConnection":
            return {"result": int(result), "message_number": -1}
        case "GetConnectionRealTimeStatus":
            return {"response": int(result)}
        case "CreateSocketPair":
            return {"success": False, "connection1": 0, "connection2": 0}
        case "GetDetailedConnectionStatus":
            return {"success": -1, "status": "", "buffer": ""}
        case "SetCertificate":
            return {"response": False, "error": str(error)}
        case "GetConnectionUserData":
            return -1
        case "GetConfigValue":
            return {"result": int(CONFIG_FAILURES[isinstance(error, InvalidHandle) or "scope" in str(error).lower()])}
    return FAILURES[kind]


def message(received: Any) -> dict[str, Any]:
    """Give the record of a message."""
    kind, _, number = received.identity.partition(":")
    return {
        "payload": received.payload,
        "size": len(received),
        "connection": received.connection,
        "identity": int(number) if kind == "steamid" else 0,
        "receiver_user_data": received.user_data,
        "time_received": received.time_received,
        "message_number": received.number,
        "flags": int(SendFlags.RELIABLE) if received.reliable else 0,
        "lane": received.lane,
    }


def neutral(answer: Any) -> Any:
    """Give named tuples as dictionaries, and tuples as lists."""
    if isinstance(answer, tuple) and hasattr(answer, "_asdict"):
        answer = answer._asdict()
    if isinstance(answer, dict):
        return {key: neutral(value) for key, value in answer.items()}
    return [neutral(value) for value in answer] if isinstance(answer, list | tuple) else answer
