"""Families: accounts that are linked by the yes of both, gifts, division by order, and what goes to heirs."""
