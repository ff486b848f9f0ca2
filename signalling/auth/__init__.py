"""Who may do what: LiveKit access tokens, read once at the edge into frozen values."""
