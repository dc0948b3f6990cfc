"""What is shown of a connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gamesockets._asyncio.connection import Connection


def of(connection: Connection) -> dict[str, object]:
    """Take the figures of a connection: ms, percent, packets and kilobytes per second, bytes."""
    status = connection.status()
    return {
        "ping_ms": status["ping"],
        "quality_percent": _percent(status["local_quality"]),
        "remote_quality_percent": _percent(status["remote_quality"]),
        "jitter_ms": status["max_jitter"] / 1000 if status["max_jitter"] >= 0 else None,
        "out_packets_per_second": status["packets_out_per_second"],
        "out_kB_per_second": status["bytes_out_per_second"] / 1000,
        "in_packets_per_second": status["packets_in_per_second"],
        "in_kB_per_second": status["bytes_in_per_second"] / 1000,
        "waiting_bytes": status["pending_reliable"] + status["pending_unreliable"],
    }


def _percent(share: float) -> float | None:
    return share * 100 if share >= 0 else None
