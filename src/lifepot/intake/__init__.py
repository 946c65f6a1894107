"""Intake: the bytes of a received file in, columns of rows and rejects out. It judges form, never a scheme's rules."""
