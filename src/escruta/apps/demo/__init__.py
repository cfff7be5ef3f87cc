"""A fictional republic's election night, with what went wrong in it, for showing and for testing the main job.

Write one into a folder, and see what was planted in it:

    from pathlib import Path
    from escruta.apps.demo import write_demo

    election = write_demo(Path("out/demo"), stations=2000, seed=2024)
    print(election.definition, election.truth.at("made-up"))
"""

from __future__ import annotations

from escruta.apps.demo.telling import describe, expected_of
from escruta.apps.demo.truth import Planted, Truth, read_truth
from escruta.apps.demo.writing import DemoElection, write_demo

__all__ = ["DemoElection", "Planted", "Truth", "describe", "expected_of", "read_truth", "write_demo"]
