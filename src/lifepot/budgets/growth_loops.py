"""The end of a month: what is invested grows, and disposable income is what came of it all."""

from typing import Any

from lifepot.budgets import places as at
from lifepot.budgets import work_loops
from lifepot.compiling import uncounted


@uncounted(forceinline=True)
def grow(i: Any, month: Any, stock: Any, flow: Any, prices: Any) -> None:
    """A month's growth of what is invested, and of the home's price."""
    rate = prices[month, at.FUND_RATE]
    stock[i, at.PENSION] += int(stock[i, at.PENSION] * prices[month, at.PENSION_RATE])
    if stock[i, at.OTHER] > 0:
        # Its yield is paid out, so only the rest grows.
        stock[i, at.OTHER] += int(
            stock[i, at.OTHER] * max(prices[month, at.PENSION_RATE] - work_loops.OTHER_YIELD, 0.0)
        )
    if stock[i, at.POT] > 0:
        growth = int(stock[i, at.POT] * rate)
        stock[i, at.POT] += growth
        stock[i, at.POT_GROWTH] += growth
        flow[i, at.GROWTH] += growth
    if stock[i, at.HOME] > 0 and month > 0:
        stock[i, at.HOME] = int(stock[i, at.HOME] * (prices[month, at.HOMES] / prices[month - 1, at.HOMES]))


@uncounted(forceinline=True)
def equivalise(h: Any, q: Any, flow: Any, scale: Any) -> None:
    """Disposable income: what comes in but for what is borrowed or taken from the pot, less income tax, National Insurance and levy."""
    total = 0
    for who in range(2 if q >= 0 else 1):
        i = h if who == 0 else q
        for place in (
            at.PAY,
            at.PROFIT,
            at.PLATFORM_PAY,
            at.CREDIT,
            at.CHILD_BENEFIT,
            at.STATE_PENSION,
            at.PENSION_DRAWN,
            at.YIELD,
            at.INTEREST,
        ):
            total += flow[i, place]
        total -= flow[i, at.TAX] + flow[i, at.NI] + flow[i, at.LEVIED]
    each = int(total / scale)
    half = total // 2 if q >= 0 else total
    flow[h, at.EQUIVALISED] += each
    flow[h, at.OWN_WAY] += half
    if q >= 0:
        flow[q, at.EQUIVALISED] += each
        flow[q, at.OWN_WAY] += half
