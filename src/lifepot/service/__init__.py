"""The server: the app put together, what it shields itself with, and how its processes are started and stopped."""
