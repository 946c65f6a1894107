"""The money of households, month by month, over lives that are drawn: with a scheme, or without one."""
