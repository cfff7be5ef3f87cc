"""A definition is read whole, or every fault of it is told at once."""

import pickle
import tomllib
from datetime import date
from pathlib import Path

import pytest
from tests.unit.election.broken_definitions import BROKEN, WHOLE

from escruta.base.errors import InputError
from escruta.election.definition import AreaCells
from escruta.election.faults import DefinitionError
from escruta.election.reading import parse_election, read_election
from escruta.election.rules import semantic_faults


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_definition_tells_every_fault(name):
    changes, expected = BROKEN[name]
    text = WHOLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(DefinitionError) as caught:
        parse_election(text, where="election.toml")
    assert tuple(str(fault).removeprefix("election.toml: ") for fault in caught.value.faults) == expected
    assert all(line in str(caught.value) for line in expected)


def test_whole_definition_has_no_fault():
    election = parse_election(WHOLE, where="election.toml")
    assert election.date == date(2024, 7, 28)
    assert election.contests[0].options[0].candidate == "ana"
    town = election.sources[0].layout.areas["town"]
    assert isinstance(town, AreaCells)
    assert town.name == "TN"


def test_definition_error_is_an_input_error_and_crosses_a_process():
    assert issubclass(DefinitionError, InputError)
    with pytest.raises(DefinitionError) as caught:
        parse_election("", where="election.toml")
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  our own bytes
    assert str(again) == str(caught.value)
    assert again.faults == caught.value.faults


@pytest.mark.parametrize(
    "address", ["https://h.example/x", "https://h.example/x/", "http://h:8080", "https://xn--e1afmkfd.example/a%20b.c/"]
)
def test_address_of_the_site_ends_with_one_slash(address):
    election = parse_election(f'{WHOLE}\n[site]\naddress = "{address}"\n', where="election.toml")
    assert election.site is not None
    assert election.site.address == address.rstrip("/") + "/"
    assert not election.site.pictures


def test_examples_have_no_fault(repository):
    for folder in sorted((repository / "examples").iterdir()):
        assert read_election(folder) == read_election(folder / "election.toml")


def test_absent_definition_says_how_to_write_one(tmp_path):
    with pytest.raises(DefinitionError, match="escruta init"):
        read_election(tmp_path)


def test_definition_that_is_not_utf_8_names_the_byte(tmp_path: Path):
    (tmp_path / "election.toml").write_bytes('name = "Perú"'.encode("latin-1"))
    with pytest.raises(DefinitionError, match="byte 0xfa at offset 11"):
        read_election(tmp_path)


def test_definition_with_byte_order_mark_and_windows_line_ends_is_read(tmp_path: Path):
    (tmp_path / "election.toml").write_bytes(WHOLE.replace("\n", "\r\n").encode("utf-8-sig"))
    assert read_election(tmp_path) == parse_election(WHOLE, where="x")


@pytest.mark.parametrize("section", sorted(tomllib.loads(WHOLE)))
@pytest.mark.parametrize("wrong", [None, 1, "x", [], [1], {}, {"x": 1}, [{}], [[{}]], {"id": {"id": []}}])
def test_rules_never_fail_on_a_section_of_another_form(section, wrong):
    document = tomllib.loads(WHOLE)
    document[section] = wrong
    assert isinstance(semantic_faults(document, "election.toml"), tuple)
