"""YAML text in, nodes with their places out: ruamel's own composer, relieved of what a rulebook has no use for.

Every figure is text here, so no scalar is resolved to a type; and what a rulebook is made of for the most part, words
and quoted figures on one line, is read by one regular expression each instead of a character at a time. That halves the
time. All else is ruamel's, and a test holds nodes, places and errors equal to its own.
"""

import re
from typing import Any, NamedTuple

from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.error import FileMark, MarkedYAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import Node
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader, ReaderError
from ruamel.yaml.scanner import Scanner, ScannerError
from ruamel.yaml.tag import Tag
from ruamel.yaml.tokens import ScalarToken

MOST_TERMS = 10_000
"""Ten times a long rulebook. Aliases of aliases make millions of terms of a few lines."""

DEEPEST = 40
"""Nesting no rulebook needs; deeper files are bombs, and would exhaust the parser's stack."""

UNTAGGED = Tag(suffix="tag:yaml.org,2002:str")
"""The tag of every node that was not given one."""

_WORDS = re.compile("[^\0\\s:#,?\\[\\]{}\ufeff\x85\u2028\u2029]+(?: +[^\0\\s:#,?\\[\\]{}\ufeff\x85\u2028\u2029]+)*")
"""Words of a plain scalar without anything that could end it, or mean something, inside."""

_QUOTED = re.compile('"([^"\\\\\0\t\r\n\ufeff\x85\u2028\u2029]*)"')
_NEXT_LINE = re.compile("\n( *)(?=[^ \n\r\t\0\x85\u2028\u2029])")
_ENDS = " \n\0\t\r\x85\u2028\u2029"


Place = tuple[int, int]
"""Line and column, from 1."""


class Composed(NamedTuple):
    """A text's nodes (None if it is empty), and where each alias stands, by what it is in and its place there (a list's
    number, or the identity of a mapping's key); the node in its place stands where the anchor is.
    """

    node: Node | None
    aliases: dict[tuple[int, int], Place]


class Unreadable(Exception):
    """A text that is no YAML, or (`too_much` says how much would be right) too much of it; what is wrong, and where."""

    def __init__(self, found: str, place: Place, too_much: str = "") -> None:
        super().__init__(found)
        self.found, self.place, self.too_much = found, place, too_much


class TooMany(MarkedYAMLError):
    """More terms than anybody writes."""


def compose(text: str) -> Composed:
    """The nodes of the one document in a text. Raises `Unreadable`."""
    try:
        composing = _Composing(text)
    except ReaderError as error:
        before = text[: error.position]
        place = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise Unreadable(f"character U+{error.character:04X}", place) from None
    try:
        return Composed(composing.get_single_node(), composing.aliases)
    except MaxDepthExceededError as error:
        raise Unreadable("terms nested too deep", _place(error.problem_mark), f"at most {DEEPEST} levels") from None
    except TooMany as error:
        found = "more terms than any rulebook has"
        raise Unreadable(found, _place(error.problem_mark), f"at most {MOST_TERMS:,}, aliases counted") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark or composing.get_mark()
        raise Unreadable(str(error.problem or error.context), _place(mark)) from None
    except (ValueError, OverflowError):
        # Of its escapes the scanner makes characters without asking whether there are such.
        raise Unreadable("an escape that is no character", _place(composing.get_mark())) from None


def _place(mark: Any) -> Place:
    return mark.line + 1, mark.column + 1


class _Composing(Reader, Scanner, Parser, Composer):
    """One text being composed, by ruamel's four parts in one object."""

    max_depth = DEEPEST + 2
    comment_handling = None
    processing_version = (1, 2)
    current_event: Any
    state: Any
    reader = scanner = parser = resolver = None
    """Where each part looks for the others: here."""

    def __init__(self, text: str) -> None:
        self.reader = self.scanner = self.parser = self.resolver = self._resolver = self
        Reader.__init__(self, text, loader=self)
        Scanner.__init__(self, loader=self)
        Parser.__init__(self, loader=self)
        Composer.__init__(self, loader=self)
        self.warn_double_anchors = False
        self.aliases: dict[tuple[int, int], Place] = {}
        self.terms = 0

    def resolve(self, *_: object) -> Tag:
        """No scalar has a type here."""
        return UNTAGGED

    def descend_resolver(self, *_: object) -> None:
        """There is nothing to resolve on the way down."""

    def ascend_resolver(self) -> None:
        """There is nothing to resolve on the way up."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        """As the composer's; an alias leaves its place, and there is an end to them all."""
        self.terms += 1
        if self.terms > 2 * MOST_TERMS:  # keys counted
            raise TooMany(problem_mark=self.get_mark())
        if index is not None and self.check_event(AliasEvent):
            key = index if isinstance(index, int) else id(index)
            self.aliases[id(parent), key] = _place(self.current_event.start_mark)
        return super().compose_node(parent, index)

    def fetch_directive(self) -> None:
        """A directive would say that the text is not what it seems."""
        raise ScannerError(None, None, "a directive (%)", self.get_mark())

    def peek(self, index: int = 0) -> str:
        """As the reader's; the whole text is in its buffer."""
        return self.buffer[self.pointer + index]

    def forward(self, length: int = 1) -> None:
        """As the reader's, in one go where no line ends."""
        passed = self.buffer[self.pointer : self.pointer + length]
        if "\n" in passed or "\r" in passed or "\ufeff" in passed:
            Reader.forward(self, length)
            return
        self.pointer += length
        self.index += length
        self.column += length

    def need_more_tokens(self) -> bool:
        """As the scanner's, but asks after keys only where some are possible."""
        if self.done:
            return False
        if not self.tokens:
            return True
        keys = self.possible_simple_keys
        if keys:
            self.stale_possible_simple_keys()
        return bool(keys) and min(key.token_number for key in keys.values()) == self.tokens_taken

    def check_token(self, *choices: type) -> bool:
        """As the scanner's."""
        tokens = self.tokens
        if not tokens or self.possible_simple_keys:
            while self.need_more_tokens():
                self.fetch_more_tokens()
        return bool(tokens) and (not choices or isinstance(tokens[0], choices))

    def get_token(self) -> Any:
        """As the scanner's."""
        if not self.check_token():
            return None
        self.tokens_taken += 1
        return self.tokens.pop(0)

    def get_mark(self) -> Any:
        """As the reader's, without the text around it, which nobody shows."""
        return FileMark(self.name, self.index, self.line, self.column)

    def check_event(self, *choices: type) -> bool:
        """As the parser's."""
        if self.current_event is None and self.state:
            self.current_event = self.state()
        return self.current_event is not None and (not choices or isinstance(self.current_event, choices))

    def scan_plain(self) -> Any:
        """As the scanner's; words that end on their line for certain, in one go."""
        found = _WORDS.match(self.buffer, self.pointer)
        if found is None:
            return super().scan_plain()
        end = found.end()
        ends, after = self.buffer[end], self.buffer[end + 1 : end + 2]
        next_line = None if self.flow_context or ends != "\n" else _NEXT_LINE.match(self.buffer, end)
        if next_line is not None:
            indent, following = len(next_line[1]), self.buffer[next_line.end()]
            if indent > self.indent or (not indent and following in "-."):
                return super().scan_plain()
        elif not (ends == ":" and after in _ENDS) and not (self.flow_context and ends in ",]}"):
            return super().scan_plain()
        start = self.get_mark()
        self.forward(end - self.pointer)
        token = ScalarToken(found[0], True, start, self.get_mark())
        self.allow_simple_key = False
        if next_line is not None:
            self.forward(len(next_line[0]))
            self.allow_simple_key = True
        return token

    def scan_flow_scalar(self, style: Any) -> Any:
        """As the scanner's; a text in double quotes on one line, without escapes, in one go."""
        found = _QUOTED.match(self.buffer, self.pointer) if style == '"' else None
        if found is None:
            return super().scan_flow_scalar(style)
        start = self.get_mark()
        self.forward(len(found[0]))
        return ScalarToken(found[1], False, start, self.get_mark(), style)
