"""The pages: for members, payers, operators, auditors and everybody. Drawn on the server, and whole without script."""
