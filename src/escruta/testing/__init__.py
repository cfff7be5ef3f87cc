"""Small elections for tests: built from plain rows, or drawn by Hypothesis; for us and for authors of formats.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> from escruta.testing import SmallElection, SmallSource
>>> night = SmallElection(sources=(SmallSource(id="feed", rows=({"station": "1", "ana": 3, "ben": 2},)),))
>>> with TemporaryDirectory() as folder:
...     read = night.write(Path(folder))
>>> [candidate.id for candidate in read.contests[0].candidates]
['ana', 'ben']

`escruta.testing.strategies` draws such elections; it needs `hypothesis`, which is not installed with escruta.
"""

from escruta.testing.elections import Row, SmallElection, SmallOrigin, SmallSource
from escruta.testing.folders import bytes_of, digests_of
from escruta.testing.toml import to_toml

__all__ = ["Row", "SmallElection", "SmallOrigin", "SmallSource", "bytes_of", "digests_of", "to_toml"]
