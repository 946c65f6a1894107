"""The workbench: a rulebook's text, its faults and its numbers, and what it would cost whom, drawn again within a second.

What a page needs, and nothing of a page: no person's data is read, no database opened.
"""
