"""What may be taken out: pots by account, and what would happen if money were asked for. No database is used."""
