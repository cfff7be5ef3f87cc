"""Train the digit net on drawn crops and write it as ONNX.

    /usr/bin/python3 training/digits/train.py --crops crops.npz --held held.npz --out digits.onnx

needs torch and numpy alone (Debian's python3-torch 1.13 was used). One thread and a fixed seed: the same machine, torch
and crops give the same weights; another processor may differ in the last bits. `MANIFEST.json` beside the weights holds
the digest of those that we ship, and how well they read the held-out crops.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

OPSET = 13
BLANK = 10
"""The class that stands for "no digit here"; 0 to 9 are the digits."""
_BATCH = 64
_COLUMNS = 96
"""Columns of a crop; the net answers for every second one."""


class DigitNet(nn.Module):
    """Ink (count, 1, 32, 96) to log-likelihoods (count, 48, 11): convolutions over the picture, then along the row."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_block(1, 20, 5, 2, stride=2),
            *_block(20, 32, 3, 1), nn.MaxPool2d((2, 1)),
            *_block(32, 48, 3, 1), nn.MaxPool2d((2, 1)),
            *_block(48, 64, (4, 3), (0, 1)),
        )  # fmt: skip
        self.row = nn.Sequential(
            nn.Conv1d(64, 64, 5, padding=4, dilation=2, bias=False), nn.BatchNorm1d(64), nn.ReLU(),
            nn.Conv1d(64, 11, 1),
        )  # fmt: skip

    def forward(self, ink: torch.Tensor) -> torch.Tensor:
        """Give the log-likelihood of every class at every second column."""
        return functional.log_softmax(self.row(self.features(ink).squeeze(2)), dim=1).transpose(1, 2)


_Pair = int | tuple[int, int]


def _block(inside: int, outside: int, kernel: _Pair, padding: _Pair, *, stride: int = 1) -> list[nn.Module]:
    convolution = nn.Conv2d(inside, outside, kernel, padding=padding, stride=stride, bias=False)
    return [convolution, nn.BatchNorm2d(outside), nn.ReLU()]


def trained(crops: dict[str, np.ndarray], passes: float, seed: int) -> DigitNet:
    """Train with one cycle of the learning rate; reports as it goes."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net, count = DigitNet(), len(crops["ink"])
    steps = int(passes * count / _BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-3)
    pace = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=6e-3, total_steps=steps, pct_start=0.15)
    started, order = time.monotonic(), np.zeros(0, np.int64)
    for step in range(steps):
        if len(order) < _BATCH:
            order = np.concatenate([order, rng.permutation(count)])
        chosen, order = order[:_BATCH], order[_BATCH:]
        loss = _loss(net, crops, chosen, rng)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 3.0)
        optimiser.step()
        pace.step()
        if step % 50 == 0 or step == steps - 1:
            print(f"step {step} of {steps}, loss {loss.item():.4f}, {time.monotonic() - started:.0f} s", flush=True)
    return net.eval()


def _loss(net: DigitNet, crops: dict[str, np.ndarray], chosen: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
    ink = _moved(crops["ink"][chosen], rng)
    logs = net(torch.from_numpy(ink)).transpose(0, 1)
    targets = torch.from_numpy(crops["digits"][chosen].astype(np.int64))
    lengths = torch.from_numpy(crops["lengths"][chosen].astype(np.int64))
    flat = torch.cat([row[:length] for row, length in zip(targets, lengths, strict=True)])
    steps = torch.full((len(chosen),), logs.shape[0], dtype=torch.long)
    return functional.ctc_loss(logs, flat, steps, lengths, blank=BLANK, zero_infinity=True)


def _moved(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Shift a batch by up to two pixels and lay a little noise over it, so that no crop is seen twice."""
    dx, dy = int(rng.integers(-2, 3)), int(rng.integers(-2, 3))
    moved = np.roll(ink, (dy, dx), axis=(1, 2)).astype(np.float32)[:, None] / 255
    gain = rng.uniform(0.85, 1.15, (len(ink), 1, 1, 1)).astype(np.float32)
    noise = rng.standard_normal(moved.shape, dtype=np.float32) * rng.uniform(0, 0.05)
    return np.clip(moved * gain + noise, 0, 1)


def right_share(net: DigitNet, crops: dict[str, np.ndarray]) -> float:
    """Give the share of crops that are read right by the likeliest path."""
    right = 0
    with torch.no_grad():
        for start in range(0, len(crops["ink"]), 500):
            ink = torch.from_numpy(crops["ink"][start : start + 500].astype(np.float32)[:, None] / 255)
            best = net(ink).argmax(2).numpy()
            for row, digits, length in zip(best, crops["digits"][start:], crops["lengths"][start:], strict=False):
                path = row[np.r_[True, row[1:] != row[:-1]]]
                right += list(path[path != BLANK]) == list(digits[:length])
    return right / len(crops["ink"])


def main() -> None:
    """Train, try on the held-out crops, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crops", type=Path, required=True)
    parser.add_argument("--held", type=Path, required=True)
    parser.add_argument("--passes", type=float, default=2.7)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--out", type=Path, required=True)
    said = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    crops, held = (dict(np.load(path)) for path in (said.crops, said.held))
    net = trained(crops, said.passes, said.seed)
    share = right_share(net, held)
    torch.onnx.export(
        net, torch.zeros(1, 1, 32, _COLUMNS), str(said.out), opset_version=OPSET, input_names=["ink"],
        output_names=["logs"], dynamic_axes={"ink": {0: "count"}, "logs": {0: "count"}},
    )  # fmt: skip
    raw = said.out.read_bytes()
    manifest = {
        "sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw), "opset": OPSET, "seed": said.seed,
        "passes": said.passes, "crops": len(crops["ink"]),
        "crops_sha256": hashlib.sha256(crops["ink"].tobytes()).hexdigest(),
        "fonts": [str(name) for name in crops["fonts"]], "torch": torch.__version__, "held_out_right": round(share, 5),
    }  # fmt: skip
    said.out.with_name("MANIFEST.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    print(f"{share:.4f} of the held-out crops right, {len(raw):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
