"""What was noticed in files stands where a reader of the country's page sees who gave them."""

import json
from pathlib import Path

from escruta.apps import api
from escruta.base.words import code_words
from escruta.portal.noticed import noticed_in
from escruta.portal.words import known_languages, load_words
from escruta.testing import SmallElection, SmallSource

ROW = {"station": "1", "ana": 3, "ben": 2}


def notes(source: str, path: str, *codes: str) -> dict[str, object]:
    return {"source": source, "path": path, "notes": [{"code": code, "details": {}} for code in codes]}


def test_notes_are_listed_by_code_with_their_files_and_only_those_of_the_source() -> None:
    files = [notes("a", f"night/{n}.csv", "F103", "F103") for n in range(5)]
    files += [notes("a", "last.csv", "F105"), notes("b", "<b>.csv", "F113", "X999"), notes("c", "c.csv")]
    said = noticed_in(load_words("en"), "a", files)
    assert "<summary>Noticed in the files: Delimiter detected; No line end at the end of the file</summary>" in said
    assert "F103: <code>0.csv</code>, <code>1.csv</code>, <code>2.csv</code> and in 2 more files" in said
    assert "<details>" in said
    other = noticed_in(load_words("en"), "b", files)
    assert "F113: <code>&lt;b&gt;.csv</code>" in other
    assert "X999: <code>&lt;b&gt;.csv</code>" in other, "a code of a later version stands for itself"
    assert noticed_in(load_words("en"), "c", files) == noticed_in(load_words("en"), "d", files) == ""


def test_a_file_without_rows_is_told_on_the_page_of_the_country(tmp_path: Path) -> None:
    register = ({"station": "1", "registered_voters": 9},)
    sources = (SmallSource(id="feed", rows=(ROW,)), SmallSource(id="late", rows=(ROW,)))
    SmallElection(sources=sources, register=register).write(tmp_path / "night")
    late = tmp_path / "night" / "late.csv"
    late.write_text(late.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    listed = tmp_path / "night" / "register.csv"
    listed.write_text(listed.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    api.run(tmp_path / "night", tmp_path / "out", languages=known_languages())
    files = json.loads((tmp_path / "out" / "files.json").read_text(encoding="utf-8"))
    assert [[note["code"] for note in each["notes"]] for each in files] == [[], ["F113"], ["F105"]]
    for language in known_languages():
        page = (tmp_path / "out" / "site" / language / "index.html").read_text(encoding="utf-8")
        sources_section = page.partition("<section id=sources>")[2].partition("</section>")[0]
        assert page.count("F113") == 1
        assert "<details open>" in sources_section
        assert code_words("F113", language).meaning in sources_section.replace("&#x27;", "'")
        _, _, of_register = sources_section.partition(load_words(language)("source.noticed_register"))
        assert "F105" in of_register
