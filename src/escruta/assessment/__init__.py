"""How sure the totals are: who leads, what could still change it, and what was announced beside it.

The doors::

    areas = with_outcome(tally.areas, tally.totals)              # a leader and a bound for every area
    outcome_of(areas).can_be_overturned                          # True, False, or None where it cannot be said
    compare_announcements(announcements, contest, tally)  # announced, counted, difference
"""

from escruta.assessment.announcements import compare_announcements, missing_to_compare
from escruta.assessment.outcome import ASSUMPTIONS, Outcome, outcome_of, with_outcome

__all__ = ["ASSUMPTIONS", "Outcome", "compare_announcements", "missing_to_compare", "outcome_of", "with_outcome"]
