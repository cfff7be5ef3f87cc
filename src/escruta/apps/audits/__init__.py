"""A risk-limiting audit from its plan to its report, in a folder of plain files that is only ever added to.

The steps, each of which refuses to run out of order or over anything that was changed::

    plan_audit(record, folder, Choices(), now=now)                # the table is fixed
    take_seed(AuditFolder(folder), digits, where="…", now=now)    # dice, in public
    draw_round(AuditFolder(folder), draws=None, everything=False, now=now)
    enter_counts(AuditFolder(folder), first, second, now=now)     # what the paper says, typed twice
    judge(AuditFolder(folder), now=now)                           # stop, go on, or count everything
"""

from escruta.apps.audits.counting import enter_counts
from escruta.apps.audits.drawing import draw_round, take_seed
from escruta.apps.audits.errors import AuditRefused
from escruta.apps.audits.folders import AuditFolder
from escruta.apps.audits.judging import judge
from escruta.apps.audits.planning import Choices, plan_audit
from escruta.apps.audits.reporting import write_forms, write_report

__all__ = [
    "AuditFolder",
    "AuditRefused",
    "Choices",
    "draw_round",
    "enter_counts",
    "judge",
    "plan_audit",
    "take_seed",
    "write_forms",
    "write_report",
]
