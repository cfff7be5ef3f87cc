"""Formats are found by name or by content, ours through the same door as a stranger's."""

import tomllib

import pytest
from tests.unit.sources.formats.samples import FORMATS, gzipped, sample, written, zipped

from escruta.base.errors import FormatUnknown
from escruta.sources.formats import TableOptions, formats, read_table
from escruta.sources.formats.registry import GROUP, OWN_FORMATS


def test_own_formats_are_registered_as_a_stranger_would_register_them(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"][GROUP] == OWN_FORMATS
    assert OWN_FORMATS.items() <= formats().items()


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("wrap", [bytes, gzipped, zipped], ids=["plain", "gz", "zip"])
def test_format_is_detected_by_content_and_reported(tmp_path, name, wrap):
    content = wrap(sample(name)) if wrap is not zipped else zipped(sample(name), f"t.{name}")
    table = read_table(written(tmp_path, content, f"t.{name}"))
    assert table.format == name
    assert table.notes[0].code == "F110"
    assert read_table(tmp_path / f"t.{name}", TableOptions(format=name)).frame.equals(table.frame)


def test_unknown_format_is_refused_with_the_names_there_are(tmp_path):
    with pytest.raises(FormatUnknown, match="actasum, csv, jsonl, parquet, scans, tsv, xlsx"):
        read_table(written(tmp_path, b"a,b\n1,2\n"), TableOptions(format="cvs"))


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a", b"BZh9"]
)
def test_file_that_is_no_table_is_refused_with_advice(tmp_path, content):
    with pytest.raises(FormatUnknown, match="what to do"):
        read_table(written(tmp_path, content + b"\x00" * 100))
