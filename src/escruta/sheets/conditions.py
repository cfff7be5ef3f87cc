"""When each check can be made, when it fails, what was found and what was expected: a small table of expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from escruta.sheets.catalogue import Check
from escruta.sheets.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One check as expressions over a readings frame that also has the columns of `evidence.with_register`."""

    can_be_made: pl.Expr
    fails: pl.Expr
    found: pl.Expr
    expected: pl.Expr
    figure: str | None = None


def _sum_test(stated: str, read: pl.Expr, complete: pl.Expr) -> Test:
    """Compare parts with their stated total; where a part is unread, only a sum above the total is a difference."""
    return Test(
        can_be_made=pl.col(stated).is_not_null() & (complete | (read > pl.col(stated))),
        fails=read != pl.col(stated),
        found=read,
        expected=pl.col(stated),
        figure=stated,
    )


def _options_against_candidates(_: Check, evidence: Evidence) -> Test:
    """Compare options with what is stated; votes that are only their sum, because nothing is stated, prove nothing."""
    stated = sorted(evidence.candidates_stated)
    if not stated:
        never = pl.lit(value=False)
        return Test(can_be_made=never, fails=never, found=pl.lit(None), expected=pl.lit(None))
    sums = {candidate: pl.sum_horizontal(evidence.figures.options_of(candidate)) for candidate in stated}
    complete = pl.all_horizontal(
        [pl.col(evidence.figures.options_of(candidate)).is_not_null() for candidate in stated]
        + [pl.col(f"votes.{candidate}").is_not_null() for candidate in stated]
    )
    differs = {
        candidate: (total > pl.col(f"votes.{candidate}"))
        | (
            (total < pl.col(f"votes.{candidate}"))
            & pl.all_horizontal(pl.col(evidence.figures.options_of(candidate)).is_not_null())
        )
        for candidate, total in sums.items()
    }
    fails = pl.any_horizontal(list(differs.values()))
    return Test(
        can_be_made=(complete & pl.col("is_stated")) | fails,
        fails=fails,
        found=_named({name: pl.when(differs[name]).then(total) for name, total in sums.items()}),
        expected=_named({name: pl.when(differs[name]).then(pl.col(f"votes.{name}")) for name in sums}),
    )


def _named(values: Mapping[str, pl.Expr]) -> pl.Expr:
    pieces = [pl.concat_str(pl.lit(f"{name} "), value.cast(pl.String)) for name, value in values.items()]
    return pl.concat_list(pieces).list.drop_nulls().list.join("; ")


def _votes_against_total(_: Check, evidence: Evidence) -> Test:
    del evidence
    return _sum_test("candidate_votes", pl.col("votes_read"), pl.col("votes_complete"))


def _votes_against_valid(_: Check, evidence: Evidence) -> Test:
    contest = evidence.figures.contest
    if contest.blank_is_valid and "blank" in contest.figures:
        read = pl.sum_horizontal("votes_read", "blank")
        return _sum_test("valid", read, pl.col("votes_complete") & pl.col("blank").is_not_null())
    return _sum_test("valid", pl.col("votes_read"), pl.col("votes_complete"))


def _parts_against_ballots(_: Check, evidence: Evidence) -> Test:
    del evidence
    return _sum_test("ballots", pl.col("parts_read"), pl.col("parts_complete"))


def _ballots_against_voters(_: Check, evidence: Evidence) -> Test:
    del evidence
    more = pl.col("ballots_at_least") > pl.col("voters")
    return Test(
        can_be_made=pl.col("voters").is_not_null() & (pl.col("ballots_known").is_not_null() | more),
        fails=more,
        found=pl.col("ballots_at_least"),
        expected=pl.col("voters"),
        figure="ballots",
    )


def _turnout(check: Check, evidence: Evidence) -> Test:
    del evidence
    share = pl.col("ballots_known") / pl.col("voters")
    return Test(
        can_be_made=(pl.col("voters") > 0) & (pl.col("ballots_known") >= (check.minimum or 0)),
        fails=share > check.limit,
        found=pl.concat_str("ballots_known", "voters", separator=" / "),
        expected=pl.lit(None),
        figure="ballots",
    )


def _on_register(_: Check, evidence: Evidence) -> Test:
    listed = pl.col("on_register").fill_null(value=False)
    return Test(
        can_be_made=listed | pl.lit(evidence.register_complete),
        fails=~listed,
        found=pl.col("station"),
        expected=pl.lit(None),
    )


def _voters_against_register(_: Check, evidence: Evidence) -> Test:
    own = pl.lit(value=not evidence.register_is_this_source)
    return Test(
        can_be_made=own & pl.col("registered_voters").is_not_null() & pl.col("register_voters").is_not_null(),
        fails=pl.col("registered_voters") != pl.col("register_voters"),
        found=pl.col("registered_voters"),
        expected=pl.col("register_voters"),
        figure="registered_voters",
    )


def _once_in_source(_: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(can_be_made=pl.lit(value=True), fails=pl.col("times") > 1, found=pl.col("times"), expected=pl.lit(1))


def _figures_elsewhere(check: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.col("votes_complete") & (pl.col("votes_read") >= (check.minimum or 0)),
        fails=pl.col("stations_with_figures") > 1,
        found=pl.col("stations_with_figures"),
        expected=pl.lit(1),
    )


def _picture_elsewhere(_: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.col("picture").is_not_null(),
        fails=pl.col("stations_with_picture") > 1,
        found=pl.col("picture"),
        expected=pl.lit(None),
    )


def _all_zero(_: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.col("votes_complete"),
        fails=pl.col("ballots_at_least") == 0,
        found=pl.col("ballots_at_least"),
        expected=pl.lit(None),
    )


def _null_share(check: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.col("null").is_not_null() & (pl.col("ballots_known") >= max(check.minimum or 0, 1)),
        fails=pl.col("null") / pl.col("ballots_known") > check.limit,
        found=pl.concat_str("null", "ballots_known", separator=" / "),
        expected=pl.lit(None),
        figure="null",
    )


def _cells_are_counts(_: Check, evidence: Evidence) -> Test:
    del evidence
    return Test(
        can_be_made=pl.lit(value=True),
        fails=pl.col("bad_cells").is_not_null(),
        found=pl.col("bad_cells"),
        expected=pl.lit(None),
    )


TESTS: Mapping[str, Callable[[Check, Evidence], Test]] = {
    "S101": _options_against_candidates,
    "S102": _votes_against_total,
    "S103": _votes_against_valid,
    "S104": _parts_against_ballots,
    "S201": _ballots_against_voters,
    "S202": _turnout,
    "S203": _on_register,
    "S204": _voters_against_register,
    "S301": _once_in_source,
    "S302": _figures_elsewhere,
    "S303": _picture_elsewhere,
    "S401": _all_zero,
    "S402": _null_share,
    "S501": _cells_are_counts,
}
"""The condition of every check, by its code."""
