from __future__ import annotations

import gzip
import hashlib
import io
import json
import zipfile
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escruta.apps.demo import read_truth, write_demo
from escruta.apps.demo.files import STYLES
from escruta.apps.demo.kinds import HELD_UP, KINDS
from escruta.apps.demo.republic import SLOTS, SOURCE_IDS
from escruta.election.reading import read_election

ANY_SEED = st.integers(min_value=0, max_value=2**64)
SMALL = st.integers(min_value=1, max_value=160)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_demo(tmp_path_factory.mktemp("demo"), stations=2000, seed=7).folder


@settings(max_examples=15, deadline=None)
@given(seed=ANY_SEED, stations=SMALL)
def test_same_seed_gives_the_same_bytes(seed: int, stations: int) -> None:
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        write_demo(Path(first), stations=stations, seed=seed)
        write_demo(Path(second), stations=stations, seed=seed)
        assert digests(Path(first)) == digests(Path(second))


def test_another_seed_gives_another_night(folder: Path, tmp_path: Path) -> None:
    other = write_demo(tmp_path, stations=2000, seed=8).folder
    assert digests(folder)["register/stations.csv"] != digests(other)["register/stations.csv"]


@settings(max_examples=25, deadline=None)
@given(seed=ANY_SEED, stations=SMALL, form=st.sampled_from(["csv", "parquet"]))
def test_definition_of_any_size_is_without_fault_and_every_mistake_has_stations_of_its_own(
    seed: int, stations: int, form: str
) -> None:
    with TemporaryDirectory() as folder:
        demo = write_demo(Path(folder), stations=stations, seed=seed, form=form)  # type: ignore[arg-type]
        election = read_election(demo.definition)
    truth = demo.truth
    assert election.stations.expected == stations
    assert election.stations.expected_registered_voters == truth.registered_voters
    mistaken = Counter(station for kind in KINDS for station in truth.at(kind.id))
    assert all(times == 1 for times in mistaken.values())
    assert {planted.kind for planted in truth.planted} <= {kind.id for kind in KINDS} | set(HELD_UP)


@settings(max_examples=15, deadline=None)
@given(seed=ANY_SEED, kept=st.sets(st.sampled_from(SOURCE_IDS), min_size=1))
def test_sources_left_out_leave_a_definition_without_fault(seed: int, kept: set[str]) -> None:
    with TemporaryDirectory() as folder:
        demo = write_demo(Path(folder), stations=120, seed=seed, sources=sorted(kept))
        election = read_election(demo.definition)
        assert {source.id for source in election.sources} == set(demo.truth.holdings) <= kept
        assert {planted.source for planted in demo.truth.planted} <= kept | {None}
        named = {file.path for source in election.sources for file in source.files}
        assert all((Path(folder) / path).is_file() for path in named)


@settings(max_examples=20, deadline=None)
@given(seed=ANY_SEED, stations=SMALL)
def test_parts_of_the_register_add_to_the_whole(seed: int, stations: int) -> None:
    with TemporaryDirectory() as folder:
        demo = write_demo(Path(folder), stations=stations, seed=seed)
        register = pl.read_csv(demo.folder / "register/stations.csv", schema_overrides={"centre": pl.String})
    assert register.height == stations
    assert register.select("centre", "table").is_duplicated().sum() == 0
    assert register["registered_voters"].sum() == demo.truth.registered_voters


def test_authoritys_sheets_add_up_but_where_planted(folder: Path) -> None:
    truth = read_truth(folder)
    feed = pl.read_csv(folder / "authority/transmission.csv", schema_overrides={"station_code": pl.String})
    options = [column for column in feed.columns if column.isupper()]
    off = feed.filter(pl.sum_horizontal(options) != pl.col("valid"))
    assert len(options) == sum(len(slots) for slots in SLOTS.values())
    assert off.height == len(truth.at("valid-off-by-ten")) > 0
    assert feed.filter(pl.col("ballots") > pl.col("registered_voters")).height == 1
    assert feed.filter(pl.sum_horizontal(options) == 0).height == 1
    assert feed["null_votes"].null_count() == len(truth.at("null-missing")) > 0
    assert feed.is_duplicated().sum() == 2 * len(truth.at("sent-twice")) > 0


def test_nothing_arrives_during_the_outage(folder: Path) -> None:
    truth = read_truth(folder)
    feed = pl.read_csv(folder / "authority/transmission.csv", schema_overrides={"station_code": pl.String})
    begins, ends = (truth.outage[name].replace("T", " ")[:16] for name in ("begins", "ends"))
    assert feed.filter((pl.col("reported_at") >= begins) & (pl.col("reported_at") < ends)).is_empty()
    assert feed["reported_at"].is_sorted()
    assert len(truth.at("lost-in-the-outage")) > 0
    assert len(truth.at("after-the-outage")) > 0


def test_files_are_packed_and_encoded_as_their_givers_would(folder: Path) -> None:
    with zipfile.ZipFile(folder / "alba/witness-copies.zip") as archive:
        alba = archive.read("witness-copies.csv")
    robla = (folder / "robla/copias-de-testigos.tsv").read_bytes()
    observers = gzip.decompress((folder / "observers/photographs.csv.gz").read_bytes()).decode()
    assert alba.startswith("\N{BYTE ORDER MARK}CENTRE;TABLE;".encode())
    assert robla.startswith("Código de mesa\tMunicipio\t".encode("latin-1"))
    assert observers.count(",?") == len(read_truth(folder).at("illegible")) > 0
    with pytest.raises(UnicodeDecodeError):
        robla.decode()


def test_two_stations_share_one_picture(folder: Path) -> None:
    with zipfile.ZipFile(folder / "alba/witness-copies.zip") as archive:
        alba = pl.read_csv(io.BytesIO(archive.read("witness-copies.csv")), separator=";")
    shared = alba.unique(["CENTRE", "TABLE"]).filter(pl.col("PICTURE").is_duplicated())
    assert shared.height == len(read_truth(folder).at("shared-picture")) == 2


def test_parquet_holds_what_csv_holds(folder: Path, tmp_path: Path) -> None:
    write_demo(tmp_path, stations=2000, seed=7, form="parquet")
    packed = pl.read_parquet(tmp_path / STYLES["authority"].placed("parquet"))
    plain = pl.read_csv(folder / "authority/transmission.csv", schema_overrides={"station_code": pl.String})
    assert packed.cast(plain.schema).equals(plain)


def test_made_up_batch_is_of_one_source_in_one_region(folder: Path) -> None:
    truth = read_truth(folder)
    batch = truth.at("made-up")
    assert len(batch) == truth.stations * 15 // 1000
    assert len({station[:2] for station in batch}) == 1


def test_truth_is_told_in_no_word_of_guilt(folder: Path) -> None:
    told = (folder / "what-really-happened.json").read_text(encoding="utf-8")
    told += " ".join(kind.says for kind in KINDS) + (folder / "election.toml").read_text(encoding="utf-8")
    assert not {"fraud", "falsif", "fake", "cheat"} & set(told.casefold().split())
    assert json.loads((folder / "what-really-happened.json").read_text(encoding="utf-8"))["seed"] == 7


def test_bulletin_rounds_shares_before_it_has_votes(folder: Path) -> None:
    election = read_election(folder)
    partial, rounded = election.announcements
    feed = pl.read_csv(folder / "authority/transmission.csv").unique("station_code")
    columns = {who: [slot.upper() for slot in slots] for who, slots in SLOTS.items()}
    votes = {who: int(feed.select(pl.sum_horizontal(named).sum()).item()) for who, named in columns.items()}
    valid = sum(votes.values())
    assert partial.others is not None
    assert sum(partial.votes.values()) + partial.others.votes < valid
    assert rounded.votes != votes
    assert all(2000 * abs(count - votes[who]) <= valid + 1000 for who, count in rounded.votes.items())


@pytest.mark.parametrize(("stations", "sources"), [(0, None), (-5, None), (10, ["press"]), (10, [])])
def test_what_is_no_country_is_refused(tmp_path: Path, stations: int, sources: list[str] | None) -> None:
    with pytest.raises(ValueError, match="expected"):
        write_demo(tmp_path, stations=stations, sources=sources)
    assert not list(tmp_path.iterdir())
