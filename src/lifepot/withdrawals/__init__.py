"""Money on its way out: asked for, quoted, proved, approved, sent, arrived, or back. docs/decisions/0004 has the design."""
