"""Texts that stand for all texts: one for every way to match some patterns and not others. Pure.

A policy can tell callers, resources and header values apart only by its own patterns. So it is
enough to look at one text of each kind, and an answer for those is an answer for all.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple


class TooHardError(Exception):
    """Patterns that can be told apart in too many ways to look at them all."""


class PatternToken(NamedTuple):
    """A character of `chars`, or none of them when `negated`; any number of such if `repeated`."""

    chars: str
    negated: bool = False
    repeated: bool = False


Pattern = tuple[PatternToken, ...]


MANY = PatternToken("", negated=True, repeated=True)


@lru_cache(maxsize=4096)
def literal(text: str, *, ignore_case: bool = False) -> Pattern:
    """Return the pattern that matches one text alone."""
    if ignore_case:
        return tuple(PatternToken("".join({char.lower()[:1], char.upper()[:1]})) for char in text)
    return tuple(map(PatternToken, text))


@lru_cache(maxsize=4096)
def glob(text: str, *, ignore_case: bool = False, but: str = "") -> Pattern:
    """Return the pattern in which `*` and `?` are wildcards for all characters but those of `but`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    wild = {
        "*": PatternToken(but, negated=True, repeated=True),
        "?": PatternToken(but, negated=True),
    }
    return tuple(
        token
        for char in text
        for token in ([wild[char]] if char in wild else literal(char, ignore_case=ignore_case))
    )


def matches(pattern: Pattern, text: str) -> bool:
    """Tell whether a text is one of the pattern's."""
    automaton = _of_one(pattern)
    state = automaton.start
    for char in text:
        state = automaton.after(state, char)
        if not state:
            return False
    return bool(state & automaton.ends[0])


@lru_cache(maxsize=4096)
def _of_one(pattern: Pattern) -> _Automaton:
    return _Automaton([pattern])


def representatives(
    patterns: Iterable[Pattern], form: Pattern, alphabet: str | None = None
) -> tuple[str, ...]:
    """Return, for each set of patterns that some text of the form matches, one such text.

    Raises TooHardError when there are too many ways to match them.
    """
    return _representatives((form, *dict.fromkeys(patterns)), alphabet)


@lru_cache(maxsize=256)
def _representatives(every: tuple[Pattern, ...], alphabet: str | None) -> tuple[str, ...]:
    """Run the form and the patterns side by side over all texts, until no new state comes."""
    automaton = _Automaton(every)
    chars = _distinct(automaton, alphabet if alphabet is not None else _alphabet(every))
    texts = {automaton.start: ""}
    found: dict[int, str] = {}
    queue = deque(texts)
    while queue:
        state = queue.popleft()
        if state & automaton.ends[0]:
            matched = sum(1 << place for place, end in enumerate(automaton.ends) if state & end)
            found.setdefault(matched, texts[state])
        for char in chars:
            after = automaton.after(state, char)
            if after & automaton.form and after not in texts:
                texts[after] = texts[state] + char
                queue.append(after)
        if len(texts) > STATES:
            raise TooHardError("its patterns overlap in too many ways")
    return tuple(found.values())


class _Automaton:
    """All patterns at once: a bit for each place between two tokens.

    A repeated token is no place of its own; it holds the place where it stands.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self.start = self.form = 0
        self.ends: list[int] = []
        self._tokens: list[tuple[int, PatternToken]] = []
        self._steps: dict[str, tuple[int, int]] = {}
        place = 0
        for pattern in patterns:
            self.start |= 1 << place
            for token in pattern:
                self._tokens.append((1 << place, token))
                place += not token.repeated
            self.ends.append(1 << place)
            place += 1
            # The first pattern is the form, whose bits say whether a text may still become one.
            self.form = self.form or (1 << place) - 1

    def step(self, char: str) -> tuple[int, int]:
        """Return the places that a character moves on from, and those that it stays at."""
        if char not in self._steps:
            moves = stays = 0
            for place, token in self._tokens:
                if (char in token.chars) != token.negated:
                    moves |= 0 if token.repeated else place
                    stays |= place if token.repeated else 0
            self._steps[char] = moves, stays
        return self._steps[char]

    def after(self, state: int, char: str) -> int:
        moves, stays = self.step(char)
        return (state & moves) << 1 | (state & stays)


def _alphabet(patterns: Iterable[Pattern]) -> str:
    """Return the characters that patterns name, and one that none of them does."""
    named = {char for pattern in patterns for token in pattern for char in token.chars}
    other = next(char for char in map(chr, range(ord("a"), 0x10000)) if char not in named)
    return "".join(sorted(named)) + other


def _distinct(automaton: _Automaton, alphabet: str) -> list[str]:
    """Return one character of those that the patterns do not tell apart."""
    return list({automaton.step(char): char for char in reversed(alphabet)}.values())


STATES = 6000
