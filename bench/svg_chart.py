"""Line charts as SVG, nothing but the standard library: panels side by side, logarithmic y axis."""
import html
import math

COLOURS = ["#1b6ca8", "#c8553d", "#3d8c40", "#8e5aa8", "#b58900", "#555555"]
WIDTH, HEIGHT = 230, 210  # of a panel's plotting area
LEFT, TOP, GAP, BELOW = 62, 28, 26, 64


def ticks(low, high):
    """1, 2 and 5 times the powers of ten between low and high; fewer if that are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 1.5, 2, 3, 5, 7), (1, 2, 5), (1,)):
        found = [s * 10.0**p for p in powers for s in steps
                 if low <= s * 10.0**p * (1 + 1e-9) and s * 10.0**p <= high * (1 + 1e-9)]
        if len(found) <= 9:
            return found
    return found


def text(x, y, words, anchor="middle", extra=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>'
            f"{html.escape(words)}</text>")


def sorted_curves(path, panels, x_label, y_label):
    """panels: [(title, {label: values})]. Every curve is its values in ascending order."""
    values = [v for _, curves in panels for curve in curves.values() for v in curve]
    low, high = min(values), max(values)
    low, high = low / (high / low) ** 0.03 / 1.001, high * (high / low) ** 0.03 * 1.001
    labels = sorted({label for _, curves in panels for label in curves})
    colour = {label: COLOURS[i % len(COLOURS)] for i, label in enumerate(labels)}
    height_of = lambda v: TOP + HEIGHT * (1 - math.log(v / low) / math.log(high / low))
    out = []
    for i, (title, curves) in enumerate(panels):
        left = LEFT + i * (WIDTH + GAP)
        out.append(f'<rect x="{left}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" '
                   'stroke="#999"/>')
        out.append(text(left + WIDTH / 2, TOP - 9, title))
        out.append(text(left + WIDTH / 2, TOP + HEIGHT + 18, x_label))
        for tick in ticks(low, high):
            y = height_of(tick)
            out.append(f'<path d="M{left} {y:.1f}h{WIDTH}" stroke="#ddd"/>')
            if i == 0:
                out.append(text(left - 5, y + 4, f"{tick:g}", "end"))
        for label, curve in sorted(curves.items()):
            step = WIDTH / max(1, len(curve) - 1)
            points = " ".join(f"{left + j * step:.1f},{height_of(v):.1f}"
                              for j, v in enumerate(sorted(curve)))
            out.append(f'<polyline points="{points}" fill="none" stroke="{colour[label]}" '
                       'stroke-width="1.8"/>')
    middle = TOP + HEIGHT / 2
    out.append(text(14, middle, y_label, "middle", f'transform="rotate(-90 14 {middle})"'))
    for i, label in enumerate(labels):
        x, y = LEFT + 150 * i, TOP + HEIGHT + 42
        out.append(f'<path d="M{x} {y}h22" stroke="{colour[label]}" stroke-width="3"/>')
        out.append(text(x + 28, y + 4, label, "start"))
    width = max(LEFT + len(panels) * (WIDTH + GAP), LEFT + 150 * len(labels))
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
                   f'height="{TOP + HEIGHT + BELOW}" font-family="sans-serif" font-size="12">\n'
                   '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(out) + "\n</svg>\n")
