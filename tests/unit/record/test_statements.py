import json
from pathlib import Path

from actasum.statement import read_jsonl

from escruta.apps.api import run
from escruta.testing import SmallElection, SmallSource

NIGHT = SmallElection(
    sources=(
        SmallSource(
            id="feed",
            rows=(
                {"station": "1", "ana": 30, "ben": 20, "null": 1},
                {"station": "2", "ana": 3, "ben": "", "null": 0},
            ),
        ),
    )
)


def _statements(folder: Path) -> list[dict[str, object]]:
    NIGHT.write(folder / "night")
    run(folder / "night", folder / "out", with_pages=False, with_statements=True)
    written = next((folder / "out").glob("statements-*.jsonl"))
    with written.open(encoding="utf-8") as opened:
        return [each.to_dict() for each in read_jsonl(opened)]


def test_statements_of_a_record_are_read_by_the_formats_own_software(tmp_path: Path) -> None:
    first, second = (each["counts"] for each in _statements(tmp_path))
    assert first == {"candidatures": {"ana": 30, "ben": 20}, "null": 1, "unread": {"blank": "empty"}}
    assert second == {
        "candidatures": {"ana": 3},
        "null": 0,
        "unread": {"blank": "empty", "candidature:ben": "empty"},
    }


def test_statements_are_among_the_digests(tmp_path: Path) -> None:
    _statements(tmp_path)
    listed = (tmp_path / "out" / "SHA256SUMS").read_text(encoding="utf-8")
    assert "statements-" in listed
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["contests"][0]["coverage"]["stations"]["received"] == 2
