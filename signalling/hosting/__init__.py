"""Rooms at work: what gives the pure values of `rooms.live` and `signalling.client` their clock, core and sockets."""
