"""How large toons are drawn; on its own here: help texts and exported networks do not wait for torch."""

DRAW_SIZE = 448
"""Shorter side in pixels at which toons are drawn. Styles were learnt from pictures of 256 to 320, as they
are and enlarged by half: drawn as small as those, strokes are broadest, but small faces and letters lose
their features. Larger photos get the same strokes, enlarged along their own edges (`canvas.py`)."""
