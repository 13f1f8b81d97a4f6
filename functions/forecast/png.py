"""A picture as PNG, by Pillow: drawn at twice its size, for sharp screens.

Its built-in font has Latin letters only; others show as boxes, which SVG does not do.
"""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

from functions.forecast.picture import Area, Line, Picture, Point

_SCALE = 2  # of what is handed out
_DRAWN = 4  # of what is drawn: made smaller, edges are smooth
_ANCHORS = {"left": "ls", "middle": "ms", "right": "rs"}


def png(picture: Picture) -> bytes:
    """The picture on white."""
    image = Image.new("RGB", (picture.width * _DRAWN, picture.height * _DRAWN), "#ffffff")
    draw = ImageDraw.Draw(image)
    for shape in picture.shapes:
        if isinstance(shape, Area):
            draw.polygon([_scaled(point) for point in shape.points], fill=shape.colour)
        elif isinstance(shape, Line):
            points = [_scaled(point) for point in shape.points]
            draw.line(points, fill=shape.colour, width=round(shape.width * _DRAWN), joint="curve")
        else:
            font = ImageFont.load_default(shape.size * _DRAWN)
            draw.text(_scaled(shape.at), shape.text, shape.colour, font, anchor=_ANCHORS[shape.align])
    file = io.BytesIO()
    image.reduce(_DRAWN // _SCALE).save(file, "PNG")
    return file.getvalue()


def _scaled(point: Point) -> Point:
    return point[0] * _DRAWN, point[1] * _DRAWN
