"""A rulebook's own page, for a person who must decide about the scheme: the curve, the rules, the figures, the sources."""
