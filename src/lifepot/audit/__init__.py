"""The second opinion: rules read again, one member and one fact at a time, sharing no code with the kernel."""
