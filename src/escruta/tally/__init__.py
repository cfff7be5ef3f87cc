"""Verdicts into totals per area under a named policy, with what is left out.

>>> from escruta.tally import STEPS, policy_named
>>> STEPS
('expected', 'received', 'legible', 'consistent', 'corroborated', 'counted')
>>> policy_named("confirmed").name
'confirmed'
"""

from escruta.tally.again import Added, Rules
from escruta.tally.policy import Policy, policy_named
from escruta.tally.totals import STEPS, Expected, Tally, decide_counted

__all__ = ["STEPS", "Added", "Expected", "Policy", "Rules", "Tally", "decide_counted", "policy_named"]
