"""A room while people are in it: pure values that decide, and know no wire format, no clock and no task.

`room.Room` is the whole of it: `handle(now, event) -> effects` and `deadline()`. What may happen is in `events`,
what is to be done about it in `effects`, what others are told of a room in `info`.
"""
