"""Sealing sheets and checking seals: beside `cwt`, on the same sheets, in the same process, round about.

Both sign the same map with the same key, and must come to the same bytes. Ours also reads the base45 text strictly,
looks its key up among 30,000, and holds station, form, validity and revocations against the list; `cwt` verifies the
signature and decodes the map, and no more.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from measuring import BenchmarkFailed, measure
from reporting import Section

SHEETS, STATIONS, ROUNDS = 400, 30_000, 7
_TARGET_TIMES = 2.0
"""At most so many times what `cwt` takes, for doing more."""


def report(work: Path, arguments: list[str]) -> Section:
    """Measure both in one child process."""
    count = arguments[0] if arguments else str(SHEETS)
    done = measure([sys.executable, __file__, count])
    (work / "seals.json").write_text(done.out, encoding="utf-8")
    took = json.loads(done.out)
    sign = took["seal_sheet"] / (took["cwt encode"] + took["cwt decode"])
    check = took["read and check"] / took["cwt decode"]
    labels = {
        "cwt encode": "`cwt` 3.3: sign",
        "seal_sheet": "escruta: seal, verify what was signed, write base45",
        "cwt decode": "`cwt` 3.3: verify, decode",
        "read and check": f"escruta: read base45, check against {STATIONS:,} keys",
        "read only": "escruta: of this, read without checking",
        "code_of": "escruta: draw the QR code (segno)",
    }
    return Section(
        name="seals",
        title=f"{int(count):,} sealed sheets of 38 options",
        text=f"Both write the same bytes. Milliseconds of one core for one sheet, the median of {ROUNDS} rounds. "
        f"Sealing, which verifies what it signed, takes {sign:.2f} times as long as signing and verifying with `cwt`; "
        f"checking takes {check:.2f} times as long as verifying with it (target: at most {_TARGET_TIMES} each).",
        columns=("", "ms a sheet", "sheets a second"),
        rows=tuple((label, f"{took[name]:.3f}", f"{1_000 / took[name]:,.0f}") for name, label in labels.items()),
        is_met=sign <= _TARGET_TIMES and check <= _TARGET_TIMES,
    )


def _measure(count: int) -> dict[str, float]:
    """Time each task in rounds, one task after another, so that a slower minute hits all of them."""
    tasks = _tasks(count)
    for task in tasks.values():
        task()
    took: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            began = time.process_time()
            task()
            took[name].append(time.process_time() - began)
    return {name: 1_000 * statistics.median(times) / count for name, times in took.items()}


def _tasks(count: int) -> dict[str, Callable[[], object]]:
    from datetime import UTC, datetime  # noqa: PLC0415 - the parent imports nothing large
    from hashlib import sha256  # noqa: PLC0415

    import cwt  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    from escruta.sheets import seal  # noqa: PLC0415

    figures = ("registered_voters", "valid", "null", *(f"option.o{at}" for at in range(38)))
    form = seal.SealForm(election="bench", contest="president", figures=figures)
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public = private.public_key().public_bytes_raw()
    signer = seal.SealSigner(public_key=public, sign=private.sign)
    moment = datetime(2024, 7, 28, 22, tzinfo=UTC)
    stations = {f"{at:09d}.1": sha256(str(at).encode()).digest() for at in range(1, STATIONS)} | {"010113042.1": public}
    span = {"valid_from": datetime(2024, 7, 27, tzinfo=UTC), "valid_until": datetime(2024, 8, 27, tzinfo=UTC)}
    keys = [seal.SealingKey(station=station, public_key=key, **span) for station, key in sorted(stations.items())]
    later = datetime(2024, 7, 30, tzinfo=UTC)
    listed = seal.KeyList(election="bench", sequence=1, issued_at=later, forms=(form,), keys=tuple(keys))
    sheets = [
        seal.sheet_of(form, "010113042.1", dict.fromkeys(figures, at % 24) | {"null": at}, printed_at=moment)
        for at in range(count)
    ]
    raws = [seal.seal_sheet(sheet, signer) for sheet in sheets]
    texts = [seal.text_of(raw) for raw in raws]
    payloads = [seal.seal_from(raw).payload for raw in raws]
    headers = {1: -8, 4: signer.kid}
    own = {1: 1, 2: signer.kid, 3: -8, -1: 6, -2: public}
    theirs, public_only = cwt.COSEKey.new(own | {-4: bytes(range(32))}), cwt.COSEKey.new(own)
    cose = cwt.COSE.new()
    if [cose.encode(payload, theirs, protected=dict(headers)) for payload in payloads] != raws:
        message = "cwt writes other bytes"
        raise BenchmarkFailed(message)
    if any(seal.check_seal(seal.read_seal(text), listed).status is not seal.SealStatus.VALID for text in texts):
        message = "a seal is not valid"
        raise BenchmarkFailed(message)
    drawn = texts[: max(1, count // 20)]
    return {
        "cwt encode": lambda: [cose.encode(payload, theirs, protected=dict(headers)) for payload in payloads],
        "seal_sheet": lambda: [seal.text_of(seal.seal_sheet(sheet, signer)) for sheet in sheets],
        "cwt decode": lambda: [cose.decode(raw, public_only) for raw in raws],
        "read and check": lambda: [seal.check_seal(seal.read_seal(text), listed) for text in texts],
        "read only": lambda: [seal.read_seal(text) for text in texts],
        "code_of": lambda: [seal.code_of(text) for text in drawn for _ in range(count // len(drawn) // 20 or 1)],
    }


if __name__ == "__main__":
    print(json.dumps(_measure(int(sys.argv[1]))))
