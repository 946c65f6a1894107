"""Papers that a person understands in a minute: a member's statement, and what a payer and government are told. Their content
is values; a page (HTML) and a PDF are made of the same ones.
"""
