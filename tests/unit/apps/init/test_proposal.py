"""A proposed definition is valid, runs at once, and says what it was guessed from."""

import hashlib

import polars as pl
import pytest
from tests.unit.apps.init import andes
from tests.unit.apps.init.kinds import KINDS, ROWS

from escruta.apps import api
from escruta.apps.init import propose_definition
from escruta.base.errors import InputError, LayoutMismatch
from escruta.election.definition import AreaCells, Cell
from escruta.election.reading import parse_election


def propose(folder, kind):
    files = []
    for name, make in KINDS[kind].items():
        (folder / name).write_text(make(), encoding="utf-8")
        files.append(folder / name)
    proposal = propose_definition(files, election_id=kind)
    return proposal, parse_election(proposal.toml, where="proposal")


def counted(folder, proposal):
    """Run the definition as it is, and give the summary's first contest."""
    home = folder / "definition"
    home.mkdir()
    (home / "election.toml").write_text(proposal.toml, encoding="utf-8")
    return api.summary(api.examine(home, data=proposal.data_folder))["contests"][0]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_proposal_runs_at_once_and_counts_every_vote(tmp_path, kind):
    proposal, _ = propose(tmp_path, kind)
    contest = counted(tmp_path, proposal)
    assert contest["coverage"]["stations"]["counted"] == len(ROWS)
    totals = sorted(each["votes"] for each in contest["totals"]["options"].values())
    expected = sorted(sum(row.votes[index] for row in ROWS) for index in range(3))
    if kind == "lines":
        expected = sorted(sum(row.votes[index] for row in ROWS) for index in range(2))
    if kind == "narrow-first":
        expected = sorted(sum(row.votes[index] + 1000 * (index + 1) for row in ROWS) for index in range(2))
    assert totals == expected


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_file_is_named_with_its_digest(tmp_path, kind):
    _, election = propose(tmp_path, kind)
    files = [file for source in election.sources for file in source.files]
    files += [] if election.register_ is None else election.register_.files
    digests = {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in KINDS[kind]}
    assert {file.path: file.sha256 for file in files} == digests


def test_blank_votes_are_valid_where_the_data_says_so(tmp_path):
    proposal, election = propose(tmp_path, "french")
    assert election.contests[0].blank_is_valid
    assert "# candidates + blank = valid: in 240 of 240 rows" in proposal.toml
    assert election.contests[0].figures == ("registered_voters", "ballots", "valid", "null", "blank")


def test_title_and_row_of_totals_are_left_out(tmp_path):
    _, election = propose(tmp_path, "titled")
    layout = election.sources[0].layout
    assert layout.header_row == 2
    assert layout.skip_where == {"Code province": ("TOTAL",)}


def test_codes_and_names_of_a_level_are_brought_together(tmp_path):
    _, election = propose(tmp_path, "french")
    assert [level.id for level in election.levels] == ["province", "municipality"]
    assert election.sources[0].layout.areas["municipality"] == AreaCells(code="Code commune", name="Commune")


def test_long_file_names_every_item(tmp_path):
    _, election = propose(tmp_path, "long")
    long = election.sources[0].layout.long
    assert long is not None
    assert long.items == {
        "ANA PAZ": "ana-paz",
        "BENÍCIO": "benicio",
        "CARLA": "carla",
        "Branco": "blank",
        "Nulo": "null",
    }


def test_payload_has_as_many_options_as_its_votes(tmp_path):
    _, election = propose(tmp_path, "qr")
    assert len(election.contests[0].options) == 3
    assert election.sources[0].layout.qr == "codigo_qr"
    assert election.sources[0].layout.picture == "imagen"


def test_file_without_votes_becomes_the_register(tmp_path):
    _, election = propose(tmp_path, "register")
    assert election.register_ is not None
    assert election.register_.complete is False
    assert election.register_.layout is not None
    assert election.register_.layout.figures == {"registered_voters": "electores"}
    assert [level.id for level in election.levels] == ["province", "municipality", "centre"]
    assert election.stations.key[0].kind == "number"


def test_same_stations_are_found_however_they_are_padded(tmp_path):
    proposal, election = propose(tmp_path, "two-sources")
    other = next(source for source in election.sources if source.id == "voluntarios")
    assert isinstance(other.layout.station["centre"], Cell)
    assert other.layout.votes == {"a": "Ana", "b": "Bruno", "c": "Carmen"}
    assert "Candidates were found by their votes at 230 shared stations" in proposal.toml


def test_two_sources_share_one_origin_until_somebody_says_more(tmp_path):
    proposal, election = propose(tmp_path, "two-sources")
    assert {source.origin for source in election.sources} == {"published"}
    assert counted(tmp_path, proposal)["verdicts"]["corroborated"] == 0


def test_total_is_what_adds_up_to_it(tmp_path):
    proposal, election = propose(tmp_path, "dutch")
    assert election.sources[0].layout.figures["ballots"] == "Totaal"
    assert "`Totaal` was taken for ballots" in proposal.toml


def test_levels_are_put_in_order_and_thousands_are_read(tmp_path):
    _, election = propose(tmp_path, "narrow-first")
    assert [level.id for level in election.levels] == ["department", "municipality", "centre"]
    assert election.sources[0].layout.thousands == ","


def test_files_of_one_shape_and_other_stations_are_one_source(tmp_path):
    _, election = propose(tmp_path, "halves")
    assert [len(source.files) for source in election.sources] == [2]


def test_what_no_file_says_is_marked_or_commented_out(tmp_path):
    proposal, election = propose(tmp_path, "french")
    assert election.stations.expected is None
    assert "# expected = 240" in proposal.toml
    assert "date = 1900-01-01  # CHECK: no file says it" in proposal.toml
    assert 'kind = "citizen"  # CHECK' in proposal.toml


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    folder = tmp_path_factory.mktemp("andes")
    proposal = propose_definition(andes.write_files(folder), election_id="Andes 2019")
    return proposal, parse_election(proposal.toml, where="proposal")


def test_country_has_seven_levels_in_the_order_of_its_columns(country):
    _, election = country
    levels = ["country", "department", "province", "municipality", "constituency", "locality", "centre"]
    assert [level.id for level in election.levels] == levels
    assert election.sources[0].layout.areas["department"] == AreaCells(code="Número departamento", name="Departamento")


def test_country_has_two_contests_told_apart_by_a_column(country):
    _, election = country
    assert [contest.name for contest in election.contests] == list(andes.CONTESTS)
    assert all(tuple(one.name for one in contest.candidates) == andes.PARTIES for contest in election.contests)
    assert {source.layout.where["Elección"] for source in election.sources} == set(andes.CONTESTS)
    assert not any(contest.blank_is_valid for contest in election.contests)


def test_later_snapshot_supersedes_the_earlier_ones(country):
    _, election = country
    supersedes = {
        source.id: source.supersedes for source in election.sources if source.contest == election.contests[0].id
    }
    first, second, third = (f"acta-2019-10-{stamp}-presidente" for stamp in ("20-19-40", "21-18-00", "25-21-00"))
    assert supersedes == {first: (), second: (first,), third: (first, second)}


def test_country_runs_at_once(country, tmp_path):
    proposal, election = country
    assert election.id == "andes-2019"
    contest = counted(tmp_path, proposal)
    assert contest["coverage"]["stations"]["counted"] == andes.STATIONS
    rows = pl.DataFrame(andes.rows()).filter(pl.col("Elección") == andes.CONTESTS[0])
    assert contest["totals"]["options"]["mas-ipsp"]["votes"] == rows["MAS - IPSP"].sum()


def test_file_of_totals_is_refused_with_what_is_missing(tmp_path):
    file = tmp_path / "totals.csv"
    file.write_text("province,A,B\nNorte,1,2\nNorte,3,4\n", encoding="utf-8")
    with pytest.raises(LayoutMismatch, match="no columns tell one polling station from another"):
        propose_definition([file])


def test_files_without_votes_are_refused(tmp_path):
    file = tmp_path / "register.csv"
    file.write_text("mesa,provincia,electores\n1,Norte,100\n2,Norte,200\n", encoding="utf-8")
    with pytest.raises(LayoutMismatch, match="no file has votes"):
        propose_definition([file])


def test_no_file_is_refused():
    with pytest.raises(InputError, match="no sample file"):
        propose_definition([])


def test_annulled_sheets_are_told_with_what_leaving_them_out_means(tmp_path):
    head = "Código Mesa,Inscritos,PAZ,RUIZ,Votos Válidos,Estado acta\n"
    rows = [f"{1000 + at},300,{at + 9},{2 * at},{3 * at + 9}" for at in range(40)]
    evening = head + "".join(f"{row},Computada\n" for row in rows)
    morning = head + "1000,300,0,0,0,Anulada\n" + "".join(f"{row},Computada\n" for row in rows[1:])
    for name, text in (("acta.2019.10.20.csv", evening), ("acta.2019.10.25.csv", morning)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    proposal = propose_definition([tmp_path / "acta.2019.10.20.csv", tmp_path / "acta.2019.10.25.csv"], election_id="x")
    words = " ".join(proposal.toml.replace("#", " ").split())
    assert '`Estado acta` holds "Computada" 39, "Anulada" 1' in words
    assert "figures that an earlier state has for the station stand" in words
    assert counted(tmp_path, proposal)["totals"]["options"]["paz"]["votes"] == sum(range(9, 49)) - 9
    skip = "[sources.layout]\n" + 'skip_where = { "Estado acta" = "Anulada" }\n'
    skipped = parse_election(proposal.toml.replace("[sources.layout]\n", skip), where="proposal")
    assert skipped.sources[1].layout.skip_where == {"Estado acta": "Anulada"}
    (tmp_path / "definition" / "election.toml").write_text(
        proposal.toml.replace("[sources.layout]\n", skip), encoding="utf-8"
    )
    again = api.summary(api.examine(tmp_path / "definition", data=proposal.data_folder))["contests"][0]
    assert again["totals"]["options"]["paz"]["votes"] == sum(range(9, 49))
