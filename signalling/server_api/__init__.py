"""What other servers ask of this one, and what they are told: LiveKit's RoomService over Twirp, and webhooks."""
