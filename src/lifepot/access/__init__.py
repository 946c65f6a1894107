"""Who comes in, what they may see, and what they may do: sign-in, sessions, seats, keys, and the roles of the database."""
