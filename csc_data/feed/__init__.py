"""What a sender of payloads needs between two days: what changed, what can be sent, and what the receiver then holds."""
