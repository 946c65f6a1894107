"""Money between the scheme and its bank: payment files out, statements in, and the two held against the ledger."""
