"""Polls beside the count: scored against every result there is, never mixed into it.

The doors::

    polls = read_polls(text, "polls.toml")             # dated, sourced records; or every fault at once
    scores = score(polls, results)                     # each poll against each result set, by name
    records = track_records(scores, results=("official",))    # a pollster over its elections
    house_effects(scores)                              # shrunk towards the errors of all

A poll never outranks a count. A score says against which result it is, and whose result that is.
"""

from escruta.assessment.polls.houses import HouseEffect, TrackRecord, house_effects, track_records
from escruta.assessment.polls.reading import PollsMalformed, read_polls, read_polls_table
from escruta.assessment.polls.records import Poll, ResultSet
from escruta.assessment.polls.scoring import Bias, Score, score, score_one

__all__ = [
    "Bias",
    "HouseEffect",
    "Poll",
    "PollsMalformed",
    "ResultSet",
    "Score",
    "TrackRecord",
    "house_effects",
    "read_polls",
    "read_polls_table",
    "score",
    "score_one",
    "track_records",
]
