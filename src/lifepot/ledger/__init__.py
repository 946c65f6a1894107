"""The ledger: what accounts there are, and what to post so that they show what they should. It posts, it does not judge."""
