"""Synthetic people of a country, in villages: who is there at the start, and who comes later."""
