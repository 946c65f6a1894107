"""Taxes, contributions and benefits of the United Kingdom, to the penny and by the month, in stated simplifications."""
