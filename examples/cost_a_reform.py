"""What a scheme would cost and who gains, in ten lines: `./lifepot python examples/cost_a_reform.py`."""

from pathlib import Path

from lifepot.lab.page import Costing, summary, write_costing
from lifepot.lab.run import Order, costed
from lifepot.rulebook.reader import read_rulebook

book = read_rulebook("lifetime-savings-account")
order = Order(people=2_000, seed=1, years=15)
found = costed(order, book)
print("\n".join(summary(found)))
print("Wealth Gini at the end, change:", found.cell("brief", "all", "wealth Gini, change"))
write_costing(Costing(book, None, found, order.people, order.seed), Path("costing.html"))
