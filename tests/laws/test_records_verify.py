"""Whatever an election looks like, the record that we write of it verifies."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st
from tests.laws.examining import SEVERAL_RUNS, examined

from escruta.apps.published import open_published
from escruta.apps.verify import verify_record
from escruta.record.logbook import Publication, SealedBook
from escruta.record.writing import Beside, write_record
from escruta.testing import SmallElection
from escruta.testing.strategies import elections


@SEVERAL_RUNS
@given(night=elections(), policy=st.sampled_from(["single", "corroborated", "confirmed", "source:s0"]))
def test_a_record_of_any_election_verifies(night: SmallElection, policy: str) -> None:
    results = examined(night, policy=policy)
    with TemporaryDirectory() as name:
        folder = Path(name)
        book = SealedBook(results.election.id)
        write_record(results, folder, beside=Beside(log_policy=book.policy))
        publication = Publication(folder, book)
        publication.log_received(results)
        publication.log_record()
        with open_published(name) as place:
            report = verify_record(place)
    assert report.faults == ()
