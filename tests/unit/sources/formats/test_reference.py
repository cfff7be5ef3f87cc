"""The reference page names every format, every note and every kind of problem."""

from escruta.base import errors
from escruta.sources.formats import WORDS, CountProblem, formats


def test_reference_page_is_complete(repository):
    page = (repository / "docs" / "reference" / "file-formats.md").read_text(encoding="utf-8")
    named = [*formats(), *WORDS, *(kind.value for kind in CountProblem)]
    kinds = [kind for kind in errors.InputError.__subclasses__() if kind.__module__ == errors.__name__]
    named += [kind.__name__ for kind in kinds if kind is not errors.OutputRefused]
    assert [name for name in named if f"`{name}`" not in page] == []
