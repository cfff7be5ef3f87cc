"""Figures of photographed sheets without their code, and what redaction leaves: beside the bare net without the sums.

The pictures are drawn in this run by the generator that lies beside the shared data (see `codes.py`); its seed is drawn
too. The layout is learnt from one flat sheet of the generator on which the figures are marked, as a person would. The
sheets are set in DejaVu Sans Mono Bold, which the net has never seen. All is read in one process on one thread.
"""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reporting import Section

    from escruta.sources.scans.figures import ScanLayout

LEVELS = ("L0", "L1", "L2", "L3", "L4")
FIELDS = {"L0": 0.999, "L1": 0.999, "L2": 0.995, "L3": 0.98, "L4": 0.80}
_WRONG_SHARE, _SECONDS = 0.005, 0.6
_HIDDEN, _HIDDEN_MOST, _SHOWN_LEAST = ("name", "id", "signature"), 0.05, 0.95
PER_LEVEL = 15


def report(work: Path, arguments: list[str]) -> Section:
    """Draw the pictures, then read and redact each in a process that has one thread."""
    import codes  # noqa: PLC0415 - the child must not load what it does not measure
    from measuring import BenchmarkFailed, best_of  # noqa: PLC0415
    from reporting import Section  # noqa: PLC0415

    per_level = int(arguments[0]) if arguments else PER_LEVEL
    seed = int(arguments[1]) if len(arguments) > 1 else secrets.randbelow(1_000_000)
    if not (codes.GENERATOR.is_file() and codes.VOTES.is_file()):
        raise BenchmarkFailed(
            f"no picture generator or no votes beside the repository: {codes.GENERATOR}, {codes.VOTES}"
        )
    command = [sys.executable, codes.GENERATOR, "--votes", codes.VOTES, "--out", work / "pictures", "--seed", str(seed)]
    best_of(1, [*command, "--per-level", str(per_level), "--per-factor", "0"])
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    found = json.loads(best_of(1, [sys.executable, __file__, codes.GENERATOR, work / "pictures"]).out)
    levels, hidden = found["levels"], found["redaction"]
    good = [levels[name] for name in LEVELS[:4]]
    wrong = sum(each["wrong"] for each in good) / sum(each["sheets"] for each in good)
    slowest = max(each["ms"] for each in levels.values()) / 1000
    is_met = (
        all(levels[name]["fields"] >= least for name, least in FIELDS.items())
        and wrong <= _WRONG_SHARE
        and slowest <= _SECONDS
        and hidden["left"] == 0
        and hidden["lost"] == 0
    )
    asked = ", ".join(f"{name} {least}" for name, least in FIELDS.items())
    text = (
        f"{per_level} sheets a level of seed {seed}, 42 figures each; targets for figures read right: {asked}. "
        f"Accepted but wrong at L0 to L3: {wrong:.2%} of the sheets (target {_WRONG_SHARE:.1%}); the slowest level "
        f"takes {slowest:.2f} s of computing a sheet (target {_SECONDS}). Redaction: {hidden['left']} of "
        f"{hidden['hidden']:,} names, numbers and signatures more than 5 % "
        f"visible, {hidden['lost']} of {hidden['shown']:,} figures and headers lost, {hidden['withheld']} of "
        f"{hidden['pictures']} pictures withheld, {hidden['ms']:.0f} ms each."
    )
    return Section(
        name="figures",
        title="Figures of photographed sheets, without their code",
        text=text,
        columns=("", *LEVELS),
        rows=tuple((label, *(form.format(levels[name][key]) for name in LEVELS)) for label, key, form in _ROWS),
        is_met=is_met,
    )


_ROWS = (
    ("figures right", "fields", "{:.4f}"),
    ("sheets right, by figures and sums", "right", "{}"),
    ("sheets accepted but wrong", "wrong", "{}"),
    ("sheets left to people", "unread", "{}"),
    ("peer: sheets right, each figure's likeliest, no sums", "bare_right", "{}"),
    ("peer: sheets wrong, the same", "bare_wrong", "{}"),
    ("milliseconds of computing a sheet", "ms", "{:.0f}"),
)


def marked_layout(generator: Path, named: Mapping[str, str] | None = None) -> ScanLayout:
    """Learn the layout of the generator's sheets from one flat, filled sheet on which the figures are marked.

    `named` are other names for its figures than those of the generator.
    """
    import numpy as np  # noqa: PLC0415

    from escruta.sources.scans.figures import Annotation, Box, SheetSum, learn_layout  # noqa: PLC0415
    from escruta.sources.scans.pictures import picture_of  # noqa: PLC0415

    spec = importlib.util.spec_from_file_location("make_actas", generator)
    assert spec is not None, generator  # noqa: S101 - a file that was found
    assert spec.loader is not None, generator  # noqa: S101
    make = importlib.util.module_from_spec(spec)
    sys.modules["make_actas"] = make
    spec.loader.exec_module(make)
    sheet = make.Sheet("ESTADO", "MUNICIPIO", "PARROQUIA", "130101001", 1, [111] * 38, 5, 1)
    drawing, _, zones = make.render(sheet, np.random.default_rng(3))
    dot = make.SCALE
    boxes = {name: Box(*box) for name, box in zones.boxes.items()}
    figures = [*(f"v{at:02d}" for at in range(38)), "valid", "null", "invalid", "total"]
    ours = {name: name for name in figures} | dict(named or {})
    cells = {ours[name]: _cell(boxes[name], dot) for name in figures}
    first_name = boxes["member0.name"].y0 - 34 * dot
    header = [boxes[name] for name in ("state", "municipality", "parish", "centre", "table", "code")]
    right = drawing.shape[1] - 28 * dot
    variable = [Box(box.x0 - 4, box.y0 - 4, right, box.y1 + 4) for box in header]
    variable.append(Box(40, boxes["total"].y1 + 56 * dot, right, first_name - 2))
    sums = (
        SheetSum(total=ours["valid"], parts=tuple(ours[name] for name in figures[:38])),
        SheetSum(total=ours["total"], parts=tuple(ours[name] for name in ("valid", "null", "invalid"))),
    )
    marks = Annotation(
        cells=cells, band=Box(0, 0, drawing.shape[1], first_name), variable=tuple(variable), sums=sums
    )  # fmt: skip
    return learn_layout(picture_of(255 - drawing), marks, name="generator")


def _cell(box: Any, dot: int) -> Any:  # noqa: ANN401 - boxes, whose module loads late
    from escruta.sources.scans.figures import Box  # noqa: PLC0415

    middle = (box.y0 + box.y1) / 2
    return Box(box.x1 - 87 * dot, middle - 14 * dot, box.x1 + 12 * dot, middle + 14 * dot)


def measured(generator: Path, pictures: Path) -> dict[str, Any]:
    """Read and redact every picture; what is loaded once is not a picture's cost."""
    import cv2  # noqa: PLC0415

    cv2.setNumThreads(1)
    layout = marked_layout(generator)
    truths = [json.loads(line) for line in (pictures / "truth.jsonl").read_text("utf-8").splitlines()]
    truths = [truth for truth in truths if truth["group"] in LEVELS]
    _read(pictures / truths[0]["image"], layout)
    counted: dict[str, dict[str, float]] = {name: defaultdict(float) for name in LEVELS}
    hidden: dict[str, float] = defaultdict(float)
    for truth in truths:
        path, level = pictures / truth["image"], counted[truth["group"]]
        start = time.process_time()
        picture, registration, read, sheet = _read(path, layout)
        level["ms"] += 1000 * (time.process_time() - start)
        _count(level, _told(truth), read, sheet)
        _look(hidden, truth, picture, registration, layout)
    for level in counted.values():
        level["fields"] /= level["sheets"] * 42
        level["ms"] /= level["sheets"]
        level.update(
            {name: int(level[name]) for name in ("sheets", "right", "wrong", "unread", "bare_right", "bare_wrong")}
        )
    return {"levels": counted, "redaction": {"left": 0, "lost": 0, "withheld": 0, **_whole(hidden)}}


def _whole(hidden: dict[str, float]) -> dict[str, float]:
    return {name: value / hidden["pictures"] if name == "ms" else int(value) for name, value in hidden.items()}


def _read(path: Path, layout: ScanLayout) -> tuple[Any, Any, Any, Any]:
    from escruta.sources.scans.figures import read_figures, reconcile, register  # noqa: PLC0415
    from escruta.sources.scans.pictures import open_pictures  # noqa: PLC0415

    picture = open_pictures(path)[0]
    registration = register(picture, layout)
    read = read_figures(picture, registration, layout) if registration else ()
    return picture, registration, read, reconcile(read, layout.sums) if read else None


def _told(truth: dict[str, Any]) -> dict[str, int]:
    votes = {f"v{at:02d}": value for at, value in enumerate(truth["votes"])}
    return {**votes, **{name: truth[name] for name in ("valid", "null", "invalid", "total")}}


def _count(level: dict[str, float], truth: dict[str, int], read: Any, sheet: Any) -> None:  # noqa: ANN401 - see above
    likeliest = {each.figure: each.likeliest for each in read}
    level["sheets"] += 1
    level["fields"] += sum(likeliest.get(name) == value for name, value in truth.items())
    level["bare_right" if likeliest == truth else "bare_wrong"] += 1
    values = {} if sheet is None else {each.figure: each.value for each in sheet.figures}
    is_accepted = sheet is not None and sheet.is_accepted
    level["right" if values == truth else "wrong" if is_accepted else "unread"] += 1


def _look(hidden: dict[str, float], truth: dict[str, Any], picture: Any, registration: Any, layout: ScanLayout) -> None:  # noqa: ANN401
    """Count what a redacted picture shows; the code's place is taken from the truth."""
    import cv2  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    from escruta.sources.scans.codes.values import Code, Method  # noqa: PLC0415
    from escruta.sources.scans.redaction import kept_mask, redact  # noqa: PLC0415

    version = (len(truth["payload"]) > 106) + 6  # noqa: PLR2004 - 6-M holds 106 bytes
    corners = np.array(truth["zones"]["qr"], np.float64)
    code = Code(text=truth["payload"], corners=corners, version=version, level="M", method=Method.ZXING)
    start = time.process_time()
    shown = redact(picture, registration, layout, [code])
    hidden["ms"] += 1000 * (time.process_time() - start)
    hidden["pictures"] += 1
    if not shown:
        hidden["withheld"] += 1
        return
    mask = kept_mask(picture, registration, layout, [code])
    for name, quad in truth["zones"].items():
        zone = np.zeros(mask.shape, np.uint8)
        cv2.fillPoly(zone, [np.round(np.array(quad)).astype(np.int32)], 1)
        if not zone.any() or name == "qr":
            continue
        share = mask[zone > 0].mean()
        is_person = name.split(".")[-1] in _HIDDEN
        hidden["hidden" if is_person else "shown"] += 1
        hidden["left" if is_person else "lost"] += share > _HIDDEN_MOST if is_person else share < _SHOWN_LEAST


if __name__ == "__main__":
    print(json.dumps(measured(Path(sys.argv[1]), Path(sys.argv[2]))))
