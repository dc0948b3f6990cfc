"""The asyncio layer: hosts, servers, connections and poll groups as objects of one event loop.

The way of a wake-up: the native notifier's file descriptor (``wakeups``) -> the host, which knows whose handle it is
(``host``) -> the object -> the tasks that wait for it (``signal``).
"""
