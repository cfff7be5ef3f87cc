"""What `escruta audit plan` asks: what is audited, at which risk, and by which design."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from escruta.apps.cli.exits import FILE, FOLDER, FOLDER_THERE, Command
from escruta.apps.cli.options import with_options


class _Share(click.ParamType[Fraction]):
    """A share as a percentage, a decimal or a fraction: 5%, 0.05, 1/20."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:  # noqa: ANN401
        if isinstance(value, Fraction):
            return value
        try:
            found = Fraction(str(value).rstrip("% ")) / (100 if str(value).endswith("%") else 1)
        except (ValueError, ZeroDivisionError):
            self.fail(f"{value!r} is no share: write 5%, 0.05 or 1/20", param, ctx)
        if not 0 < found < 1:
            self.fail(f"{value!r} does not lie between 0 and 1", param, ctx)
        return found


_SHARE = _Share()


def asks_plan(command: Command) -> Command:
    """Add the record, the folder, and what `Choices` takes."""
    return with_options(
        command,
        click.argument("record", type=FOLDER_THERE),
        click.argument("folder", type=FOLDER),
        click.option("--contest", metavar="ID", help="The contest; the only one by default."),
        click.option(
            "--risk-limit", type=_SHARE, default="5%", show_default=True, help="The largest risk at which to stop."
        ),
        click.option(
            "--method",
            type=click.Choice(["macro", "alpha", "equal", "per-centre", "bravo", "polling", "comparison", "strata"]),
            default="macro",
            show_default=True,
            help="What is drawn, and how it is judged: boxes (macro, alpha, equal, per-centre), slips (bravo, polling, "
            "comparison), or both (strata).",
        ),
        click.option("--manifest", type=FILE, help="Where slips are drawn: the authority's CSV of slips in each box."),
        click.option(
            "--records", type=FILE, help="With --method comparison: the CSV of what was recorded for each slip."
        ),
        click.option(
            "--poll",
            metavar="AREA",
            multiple=True,
            help="With --method strata: an area whose slips are polled; repeatable.",
        ),
        click.option("--poll-list", type=FILE, help="With --method strata: a CSV of the boxes whose slips are polled."),
        click.option(
            "--slips", type=click.IntRange(min=1), help="With --method strata: slips of the first round that polls."
        ),
        click.option(
            "--bound",
            type=click.Choice(["registered-voters", "ballots"]),
            default="registered-voters",
            show_default=True,
            help="The most slips that a box can hold.",
        ),
        click.option(
            "--outside",
            type=click.Choice(["worst", "left-out"]),
            default="worst",
            show_default=True,
            help="Voters of stations without a published result: all against the outcome, or left out.",
        ),
        click.option(
            "--rule",
            type=click.Choice(["as-defined", "first", "majority", "run-off"]),
            default="as-defined",
            show_default=True,
            help="Who wins: as the definition says, the first ones, one with more than a share, or nobody yet.",
        ),
        click.option(
            "--share",
            type=_SHARE,
            default="1/2",
            show_default=True,
            help="The share that --rule majority or run-off asks for.",
        ),
        click.option(
            "--winners", type=click.IntRange(min=1), default=1, show_default=True, help="Seats, with --rule first."
        ),
        click.option(
            "--draws", type=click.IntRange(min=1), help="Draws of the first round; one more than the fewest by default."
        ),
        click.option(
            "--centre-share",
            type=_SHARE,
            default="1/2",
            show_default=True,
            help="The part drawn, with --method per-centre.",
        ),
    )
