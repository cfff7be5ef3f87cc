"""Turn the tally sheets of polling stations into an election result that anyone can check.

The verbs of the command line are functions here::

    from pathlib import Path
    import escruta

    results = escruta.examine(Path("examples/venezuela-2024"), data=Path("../shared/data"))
    print(escruta.outcome(results))
    escruta.run(Path("examples/venezuela-2024"), Path("out/venezuela-2024"), data=Path("../shared/data"))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from escruta.apps.api import check, compare, examine, init, outcome, pages, run, summary, tally
    from escruta.apps.demo import write_demo as demo

__version__ = "0.1.0"
__all__ = ["check", "compare", "demo", "examine", "init", "outcome", "pages", "run", "summary", "tally"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the verb is
    """Load a verb when it is first asked for, so that a low floor does not bring the whole house along."""
    if name == "demo":
        return import_module("escruta.apps.demo").write_demo
    if name in __all__:
        return getattr(import_module("escruta.apps.api"), name)
    raise AttributeError(f"module 'escruta' has no attribute {name!r}")
