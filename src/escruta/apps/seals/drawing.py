"""The QR code of a seal as a picture that prints sharply: one path, whole modules."""

from __future__ import annotations

from itertools import groupby

from escruta.sheets.seal import QUIET_ZONE, code_of


def code_svg(text: str, *, module_mm: float = 0.63) -> str:
    """Draw the code of a seal's text as SVG, with its quiet zone; a module is five dots of a 203 dpi printer."""
    modules = code_of(text)
    side = len(modules) + 2 * QUIET_ZONE
    runs = []
    for y, row in enumerate(modules, start=QUIET_ZONE):
        x = QUIET_ZONE
        for is_dark, group in groupby(row):
            width = len(list(group))
            runs += [f"M{x} {y}h{width}v1h-{width}z"] if is_dark else []
            x += width
    size = f"{side * module_mm:.2f}mm"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 {side} {side}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{"".join(runs)}"/></svg>\n'
    )
