"""Lives month by month, as far as no savings scheme changes them."""
