"""What the rooms ask of packets: an asyncio façade over the Rust media core."""
