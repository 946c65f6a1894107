"""Banking: the bytes of a bank's file in, statements and faults out; payments in, the bytes of a file for the bank out.

It knows formats and nothing else: no database, no ledger, no clock. What a payment settles, and which entry answers
which payment, is judged by those who know.
"""
