"""What a rulebook would cost and whom it helps: villages run in any order, figures with intervals, and a page of them."""
