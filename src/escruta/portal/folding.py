"""What a phone shows first of a long list. The rest is one tap away, without a script, and wider screens show it all.

`fold` stands right before the table or list; while it is closed, a phone hides the rows of class `x` in it. What was
chosen to stay is what a reader looks for first: the largest areas, the first two candidates, checks that some sheet
failed, verdicts that some station has. What only says in full what a sentence above it says is folded whole, by
`fold_whole`. A row that stays is never hidden by another one's size alone where there are few.
"""

from __future__ import annotations

from collections.abc import Mapping

from escruta.portal.words import Words

LARGEST = 8
"""So many areas stay."""
_MANY = 12
"""Up to so many are all shown: a tap would cost more than it saves."""


def smaller(sizes: Mapping[str, int]) -> frozenset[str]:
    """Give those that a phone may fold: none of a few, else all but the largest.

    >>> len(smaller({str(number): number for number in range(12)}))
    0
    >>> sorted(smaller({str(number): number for number in range(13)}), key=int)
    ['0', '1', '2', '3', '4']
    """
    if len(sizes) <= _MANY:
        return frozenset()
    largest = sorted(sizes, key=lambda each: -sizes[each])[:LARGEST]
    return frozenset(sizes) - frozenset(largest)


def folded(is_folded: bool) -> str:  # noqa: FBT001 - the only thing it asks
    """Mark a row that a phone may fold."""
    return " class=x" if is_folded else ""


def fold_whole(words: Words, what: str, inside: str) -> str:
    """Let a phone open something whole, which wider screens and paper show as it stands."""
    return f"<details class=fold><summary>{words(f'folded.{what}')}</summary></details><div class=xs>{inside}</div>"


def fold(words: Words, what: str, of: int, rest: int, **more: int) -> str:
    """Say what stays of so many rows, as what shows the others; nothing where no row is folded."""
    if not rest:
        return ""
    return f"<details class=fold><summary>{words(f'folded.{what}', n=of, **more)}</summary></details>"
