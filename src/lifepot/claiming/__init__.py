"""Claims: messages that ask for entitlements, and what they are answered. Rulebook and messages in, answers out."""
