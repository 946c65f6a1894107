"""The API for machines, under `/api/v1`: what the commands do, with the commands' answers."""
