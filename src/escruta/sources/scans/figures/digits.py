"""The digit net: ink in, the likelihood of every digit at every column out.

The weights are ours: `training/digits` holds the generator of what it learnt from, the script and the seed, and
`weights/MANIFEST.json` the digest of the file, which is compared before it is used.
"""

from __future__ import annotations

import functools
import hashlib
import json
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from escruta.base.errors import DigestDiffers
from escruta.sources.scans.opening.pdf import require_scan_extra

CLASSES = 11
BLANK = 10
"""The class for "no digit here"; 0 to 9 are the digits."""
_BATCH = 128

Logs = NDArray[np.float32]
"""Log-likelihoods `(count, columns, CLASSES)`; they add up to one over the classes of a column."""


def digit_logs(ink: NDArray[np.float32]) -> Logs:
    """Run the net over crops of ink `(count, 32, 96)`, on one thread."""
    net = _net()
    parts = [net.run(None, {"ink": ink[at : at + _BATCH, None]})[0] for at in range(0, len(ink), _BATCH)]
    return np.concatenate(parts) if parts else np.zeros((0, 48, CLASSES), np.float32)


def weights() -> tuple[bytes, dict[str, Any]]:
    """Read the weights and what is said of them; raises `DigestDiffers` where they are not those."""
    folder = resources.files(__package__) / "weights"
    raw = (folder / "digits.onnx").read_bytes()
    manifest: dict[str, Any] = json.loads((folder / "MANIFEST.json").read_text("utf-8"))
    found = hashlib.sha256(raw).hexdigest()
    if found != manifest["sha256"]:
        raise DigestDiffers(
            "the weights of the digit net are not those of their manifest",
            where="digits.onnx",
            found=found,
            expected=manifest["sha256"],
            advice="Install escruta again; after training, copy the manifest with the weights.",
        )
    return raw, manifest


@functools.cache
def _net() -> Any:  # noqa: ANN401 - onnxruntime is published without types
    require_scan_extra("onnxruntime")
    import onnxruntime  # noqa: PLC0415 - an optional dependency

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(weights()[0], options, providers=["CPUExecutionProvider"])
