"""`escruta diff`: two records of one election side by side, wherever they are published.

The door::

    with open_published("yesterday") as first, open_published("https://example.org/record") as second:
        difference = compare_published(first, second)
"""

from escruta.apps.diff.opening import Difference, LogRelation, compare_published

__all__ = ["Difference", "LogRelation", "compare_published"]
