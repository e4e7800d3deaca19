"""Maps by areas: SVG paths coloured in three classes, with their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from rollcall.report.drawing.style import SEQUENTIAL, named
from rollcall.report.geography import WIDTH, Outline
from rollcall.report.page import Chart

_LEGEND: Final = 96
_LEGEND_AT: Final = (0, 240, 560, 806)


def classes(values: Sequence[float]) -> tuple[float, float]:
    """The two bounds (to one decimal) that divide the values into a lowest, a middle and a highest third."""
    ordered = sorted(values)
    return (round(ordered[len(ordered) // 3], 1), round(ordered[2 * len(ordered) // 3], 1))


def area_map(
    outline: Outline, values: Mapping[str, str], key: str, title: str, caption: str, alternative: str, *, labels: bool
) -> Chart:
    """A map; ``values`` are rates by first code, as texts of the disclosure function. What is hidden is hatched."""
    known = [float(text) for text in values.values() if text.replace(".", "", 1).isdigit()]
    lower, upper = classes(known) if known else (0.0, 0.0)
    body, texts = [], []
    for shape in outline.shapes:
        text = values.get(shape.codes[0], "x")
        is_known = text.replace(".", "", 1).isdigit()
        place = (float(text) >= lower) + (float(text) >= upper) if is_known else -1
        fill = SEQUENTIAL[place] if is_known else f"url(#{key}-hidden)"
        body.append(
            f'<path d="{shape.path}" fill="{fill}"><title>{escape(", ".join(shape.names))}: {text}</title></path>'
        )
        if labels:
            x, y = (round(part) for part in shape.label_at)
            ink = "#fff" if place > 0 else "#0b0c0c"
            texts.append(f'<text x="{x}" y="{y + 9}" fill="{ink}">{text}</text>')
    height = outline.height + _LEGEND
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {WIDTH + 8} {height + 8}">'
        f'<defs><pattern id="{key}-hidden" width="10" height="10" patternUnits="userSpaceOnUse">'
        '<rect width="10" height="10" fill="#fff"/><path d="M0 10L10 0" stroke="#3D3D3D" stroke-width="1.5"/>'
        "</pattern></defs>"
        f'<g stroke="#fff" stroke-width="2">{"".join(body)}</g>'
        f'<g font-family="Arial, sans-serif" font-size="26" font-weight="bold" text-anchor="middle">{"".join(texts)}</g>'
        f"{_legend(key, outline.height, lower, upper, any(text == 'c' for text in values.values()))}</svg>"
    )
    return Chart(key, title, caption, named(svg, key, title, alternative))


def _legend(key: str, top: int, lower: float, upper: float, has_hidden: bool) -> str:
    items = [
        (SEQUENTIAL[0], f"below {lower:.1f} %"),
        (SEQUENTIAL[1], f"{lower:.1f} to below {upper:.1f} %"),
        (SEQUENTIAL[2], f"{upper:.1f} % or more"),
    ]
    if has_hidden:
        items.append((f"url(#{key}-hidden)", "c: not shown"))
    drawn = []
    for x, (fill, words) in zip(_LEGEND_AT, items, strict=False):
        drawn.append(
            f'<rect x="{x}" y="{top + 40}" width="34" height="34" fill="{fill}" stroke="#3D3D3D"/>'
            f'<text x="{x + 44}" y="{top + 66}">{words}</text>'
        )
    return f'<g font-family="Arial, sans-serif" font-size="25" fill="#0b0c0c">{"".join(drawn)}</g>'
