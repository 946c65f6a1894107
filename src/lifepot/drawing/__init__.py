"""Charts as shapes with coordinates: what pages and papers draw, and how a template writes it down."""
