"""What a scheme would cost and who gains: a population is lived through, with and without it."""
