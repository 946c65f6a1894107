"""Where a scheme is kept: PostgreSQL, either one that Lifepot runs itself or one that somebody runs for it."""
