"""What a zygote for the workload may do before its first fork: draw once, so that fonts are found and tables filled."""

from __future__ import annotations

from io import BytesIO

import matplotlib.pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg


def draw() -> None:
    """Draw a small chart into nothing."""
    figure = plt.Figure(figsize=(2, 1))
    figure.subplots().set_title("0123 U")
    FigureCanvasAgg(figure).print_png(BytesIO())
