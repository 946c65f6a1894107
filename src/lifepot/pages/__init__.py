"""Templates of pages that stand alone."""
