"""Draws the figures of tests/bench/growth, which runs this in a venv.

Usage: draw.py FIGURES.json PICTURE.svg
"""
import json
import sys

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot

AXES = {"jobs": "jobs in each service", "connections": "connections", "rows": "rows on a page"}
KINDS = {"same": "The same request again and again", "fresh": "No request comes twice"}
# A colour for each service; all of them, and the grey, are as good on white as on black.
STYLES = {
    "DRS": ("#3f87d9", "o-"),
    "DRS by status, last page": ("#3f87d9", "s:"),
    "EIAM": ("#d9822b", "o-"),
    "EIAM in XML": ("#d9822b", "s:"),
    "Authing": ("#2f9e62", "o-"),
    "DTS status list": ("#c2558f", "o-"),
    "OMS statistics, 24 h": ("#8a6fd1", "o-"),
}
GREY = "#808080"


def label(count):
    if count >= 1_000_000:
        return f"{count // 1_000_000}M"
    return f"{count // 1_000}k" if count >= 1_000 else str(count)


def main(figures, picture):
    with open(figures) as file:
        points = json.load(file)
    pyplot.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "growth", "font.size": 9, "font.sans-serif": "DejaVu Sans",
        "text.color": GREY, "axes.labelcolor": GREY, "axes.edgecolor": GREY,
        "xtick.color": GREY, "ytick.color": GREY, "axes.titlecolor": GREY, "axes.spines.top": False, "axes.spines.right": False,
    })
    figure, panels = pyplot.subplots(len(KINDS), len(AXES), figsize=(10, 6), sharex="col", sharey=True)
    rows = {point["line"]: point["rows"] for point in points}
    top = max(1, *(point["ratio"] for point in points))
    for row, kind in zip(panels, KINDS):
        for panel, axis in zip(row, AXES):
            for name, (colour, style) in STYLES.items():
                line = [point for point in points
                        if (point["axis"], point["line"], point["kind"]) == (axis, name, kind)]
                panel.plot([point["x"] for point in line], [point["ratio"] for point in line], style,
                           label=f"{name} ({rows[name]} rows)" if rows[name] else name,
                           color=colour, linewidth=1.4, markersize=3.5)
            panel.set_xscale("log")
            places = sorted({point["x"] for point in points if point["axis"] == axis})
            panel.set_xticks(places, [label(x) for x in places])
            panel.minorticks_off()
            panel.set_ylim(0, top * 1.04)
            panel.grid(axis="y", color=GREY, alpha=0.25, linewidth=0.6)
            panel.axhline(1, color=GREY, linewidth=0.8)
        row[0].set_title(KINDS[kind], loc="left", fontsize=10)
        row[0].set_ylabel("ratio to the floor")
    for panel, text in zip(panels[-1], AXES.values()):
        panel.set_xlabel(text)
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc="upper center", ncols=4, frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.91))
    figure.savefig(picture, transparent=True, metadata={"Date": None, "Creator": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
