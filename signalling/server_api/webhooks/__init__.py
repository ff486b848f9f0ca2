"""Webhooks: what happened in the rooms, told to other servers (LiveKit's format and signature).

`delivery` decides what is posted when; `sender` posts it.
"""
