"""Lifetime savings accounts: one dated rulebook runs a scheme, projects a pot and costs a reform."""

__version__ = "0.1.0"
