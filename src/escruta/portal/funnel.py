"""The coverage funnel: how much of the election stands behind the figures, always shown whole."""

from __future__ import annotations

from collections.abc import Sequence

from escruta.portal.contents import STEPS, AreaResult
from escruta.portal.editions import Edition
from escruta.portal.results import percent


def funnel(edition: Edition, result: AreaResult, *, explained: bool = False) -> str:
    """Draw the six steps in stations and in registered voters; what is not known is said, and drawn as an open bar."""
    words = edition.words
    widest = tuple(max([number or 0 for number in kind] + [1]) for kind in (result.stations, result.registered))
    rows = []
    for place, step in enumerate(STEPS):
        why = f"<small>{words(f'step.why.{step}')}</small>" if explained else ""
        stations, registered = result.stations[place], result.registered[place]
        rows.append(
            f"<tr><th scope=row>{words(f'step.{step}')}{why}"
            f"<td class=n>{_number(edition, stations, _whole(result.stations))}{_bar(stations, widest[0], 'f1')}"
            f"<td class=n>{_number(edition, registered, _whole(result.registered))}{_bar(registered, widest[1], 'f2')}"
        )
    return (
        f"<table class=fun><thead><tr><th scope=col>{words('funnel.step')}"
        f"<th scope=col class=n>{words('funnel.stations')}<th scope=col class=n>{words('funnel.registered')}"
        f"<tbody>{''.join(rows)}</table>{_beside(edition, result)}"
    )


def _beside(edition: Edition, result: AreaResult) -> str:
    """Say what stands in no step, and why there are no shares where more is known of than is expected."""
    words = edition.words
    said = [words("funnel.off_register", n=result.off_register)] if result.off_register else []
    if any(_goes_beyond(kind) for kind in (result.stations, result.registered)):
        said.append(words("funnel.beyond"))
    return f"<p class=note>{' '.join(said)}" if said else ""


def _goes_beyond(numbers: Sequence[int | None]) -> bool:
    """Whether any step has more than are expected."""
    expected = numbers[0]
    return expected is not None and any(number is not None and number > expected for number in numbers)


def _whole(numbers: Sequence[int | None]) -> int | None:
    """Give that of which shares are shown; nothing where the expected number cannot be right."""
    return None if _goes_beyond(numbers) else numbers[0]


def _number(edition: Edition, number: int | None, whole: int | None) -> str:
    words = edition.words
    if number is None:
        return f"<i>{words('unknown')}</i>"
    share = f" <small>{words.numbers.share(number, whole, 1)}</small>" if whole else ""
    return f"{words.numbers.count(number)}{share}"


def _bar(number: int | None, widest: int, shade: str) -> str:
    if number is None:
        return "<svg class=line aria-hidden=true><rect class=open width=100% /></svg>"
    return f'<svg class=line aria-hidden=true><rect class={shade} width="{percent(number, widest)}" /></svg>'
