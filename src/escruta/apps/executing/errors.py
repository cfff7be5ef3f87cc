"""What can go wrong with a place where work is done."""

from escruta.base.errors import InputError


class ExecutorUnknown(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """No such place for heavy work, or the package that it needs is not installed."""


class ClusterLost(InputError):  # noqa: N818
    """A cluster does not answer, or answers no more: what was done so far is kept by whoever asked for it."""
