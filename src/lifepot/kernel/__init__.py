"""The kernel: facts in, entitlements out. No clock, no file, no socket, no float for money."""
