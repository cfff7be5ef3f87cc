"""What can keep a scan from its work."""

from escruta.base.errors import InputError


class ScanHomeUnusable(InputError):  # noqa: N818 - the name says what happened; the root says that it is an error
    """The place that readings go to is not there, is in use, or its journal is damaged."""
