"""The workbench: a rulebook's text, its faults and its numbers, and what it would cost whom, drawn again within a second.

It reads no person's data and opens no database; a test holds it. A server has one, in a process of its own (`house`, which
`program.Program` starts); the processes that answer pages ask it by `asked.Bench(address)`, get plain values, and import nothing of
what is below:

- `bench.Workbench(keep, lives=50_000, threads=2)`: one for a server, as a context manager. It starts two processes beside the server:
  one that redraws, one that reads what is typed. All its functions may be called from any thread; those that wait block theirs, so an
  async server calls them in a thread. The first time the lives are made, a minute at most (more where machine code is compiled):
  `progress` tells the villages there, of how many, and is None once all is ready.
- `ask(session, text, against=None) -> key`, then `answer(key, lives=…, within_s=…)`: a `Redrawn`, a `Refused`, or None, which means not
  yet, or (of a key nobody asked for, or that was forgotten) ask again. Without script a page asks, waits for an answer of
  `kept.SMALL` lives, and shows that. With script it shows the first answer, and then each with more `lives` than the last, until
  `is_sharpest`. Only what somebody looked for within a minute is sharpened. `session` is any text that is the same for one person's
  page: what it asks later takes the place of what it asked before. `ask` raises `Busy` (503).
- `Redrawn.told` has `figures` (`words`, `told`, `interval`) and `series`; `drawings.drawings(told)` makes the lab's pictures of them, each
  with its table. Of a comparison `other` are the second's figures, `less` the differences, paired.
- `look(text) -> Looked`: title, faults with line and column, notes, numbers. For what is typed; some 0.05 s.
- `numbers.with_number(text, which, value) -> text`: a number dragged or typed; `which` from `Looked.numbers`. Raises `Misuse`.
- `report(session, text, against=None)`: the lab's page as HTML; the rulebook file is the text itself.
- `checking.beginnings()`: the shipped rulebooks' texts by name. `texts.digest_of(text)`: the key of a link to a design. To keep
  designs is the page's own task; an answer's key is made of these digests, and can be asked for anew from the texts.
"""
