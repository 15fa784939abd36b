"""Holes in photos: filled from the closest latents, searched, blended; as a photo or as a toon.

>>> from multitoon.inpaint import inpaint, InpaintOptions                                # doctest: +SKIP
>>> result = inpaint(photo, hole, toon, style="hayao", options=InpaintOptions(seed=1))   # doctest: +SKIP
>>> result.image.save("clean.png")                                                       # doctest: +SKIP
"""

from multitoon.inpaint.run import InpaintOptions, InpaintResult, OnStep, inpaint

__all__ = ["InpaintOptions", "InpaintResult", "OnStep", "inpaint"]
