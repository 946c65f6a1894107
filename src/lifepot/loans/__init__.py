"""What a student loan costs until it is cleared or written off, and whether paying more of it now helps."""
