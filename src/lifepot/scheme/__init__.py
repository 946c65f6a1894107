"""What an operator does: open a scheme, receive files, settle, correct, ask, and prove."""
