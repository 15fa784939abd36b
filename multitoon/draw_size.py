"""How large toons are drawn; on its own here: help texts and exported networks do not wait for torch."""

DRAW_SIZE = 320
"""Shorter side in pixels at which toons are drawn: styles were learnt from pictures about as small, and their
strokes are as wide as they are. Larger photos get the same strokes, enlarged along their own edges
(`canvas.py`)."""
