"""Published UK figures: each with its official source, table and date, and whether it may be fitted."""
