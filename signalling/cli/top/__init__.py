"""`hoichan top`: what a running server does now, and what was decided about everybody in a room, and why."""
