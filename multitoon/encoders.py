"""Which encoder a film is written with, and how: lines and flat colors kept, files that play anywhere."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from multitoon.data.film import Film
from multitoon.data.film_reader import Picture
from multitoon.errors import MissingExtraError, UnknownNameError, UsageError

if TYPE_CHECKING:
    from av.container import OutputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream


@dataclasses.dataclass(frozen=True)
class Encoder:
    """One encoder of FFmpeg with its settings."""

    name: str
    crf: int
    """Constant rate factor: toons look like the uncompressed ones, at about half the default's size."""
    worst_crf: int
    options: dict[str, str]


ENCODERS = {
    "h264": Encoder("libx264", 20, 51, {"preset": "medium", "tune": "animation"}),
    "h265": Encoder("libx265", 23, 51, {"preset": "medium", "x265-params": "log-level=error"}),
    "vp9": Encoder("libvpx-vp9", 30, 63, {"b": "0", "row-mt": "1", "cpu-used": "3", "deadline": "good"}),
    "av1": Encoder("libsvtav1", 30, 63, {"preset": "8"}),
}
"""Codec, as users name it, and what writes it."""
SUFFIXES = {
    ".mp4": ("h264", "h265", "av1", "vp9"),
    ".m4v": ("h264", "h265"),
    ".mov": ("h264", "h265"),
    ".mkv": ("h264", "h265", "vp9", "av1"),
    ".webm": ("vp9", "av1"),
}
"""Kinds of file, and the codecs that they hold, the usual one first."""
LIMITED = 1
"""Luma from 16 to 235, as players expect; FFmpeg's number."""


def encoder_for(target: Path, codec: str | None = None) -> Encoder:
    """The encoder for the file `target`: of `codec`, or the usual one for its suffix.

    Raises:
        UnknownNameError: a codec or a suffix that is not listed.
        UsageError: a codec that does not go into such a file.
        MissingExtraError: PyAV is not installed.
    """
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnknownNameError("kind of film", suffix, SUFFIXES)
    name = codec or SUFFIXES[suffix][0]
    if name not in ENCODERS:
        raise UnknownNameError("codec", name, ENCODERS)
    if name not in SUFFIXES[suffix]:
        fitting = ", ".join(SUFFIXES[suffix])
        raise UsageError(f"{name} does not go into {suffix}, wanted {fitting}.", "Write an .mkv instead.")
    try:
        import av
    except ImportError as error:
        raise MissingExtraError("Writing films", "video") from error
    if ENCODERS[name].name not in av.codecs_available:
        raise UsageError(f"This build of PyAV can't write {name}.", "Choose another --codec.")
    return ENCODERS[name]


def add_video(
    out: OutputContainer, encoder: Encoder, film: Film, first: Picture, crf: int | None = None
) -> VideoStream:
    """A stream in `out` for pictures like `first`, with the clock and the rate of `film`.

    Raises:
        UsageError: a `crf` that the encoder does not have.
    """
    if encoder.name == "libsvtav1":
        os.environ.setdefault("SVT_LOG", "1")  # or it prints its settings on stderr
    crf = encoder.crf if crf is None else crf
    if not 0 <= crf <= encoder.worst_crf:
        raise UsageError(f"crf is {crf}, must be 0 to {encoder.worst_crf} for {encoder.name}.")
    stream = out.add_stream(encoder.name, rate=film.rate, options={**encoder.options, "crf": str(crf)})
    stream.height, stream.width = first.rgb.shape[:2]
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.time_base = stream.time_base = first.time_base
    context.sample_aspect_ratio = first.aspect
    context.color_range = LIMITED
    context.colorspace, context.color_primaries, context.color_trc = first.tags
    if encoder.name == "libx265" and out.format.name in ("mp4", "mov"):
        context.codec_tag = "hvc1"  # the only one that Apple's players know
    return stream


def to_frame(toon: np.ndarray, like: Picture, pts: int) -> VideoFrame:
    """`toon` (H, W, 3) uint8 as a frame with the colors and the duration of `like`, at `pts`."""
    import av

    matrix, primaries, transfer = like.tags
    frame = av.VideoFrame.from_ndarray(toon)
    frame = frame.reformat(
        format="yuv420p", dst_colorspace=matrix, dst_color_range=LIMITED, interpolation="AREA"
    )
    frame.colorspace, frame.color_primaries, frame.color_trc = matrix, primaries, transfer
    frame.color_range = LIMITED
    frame.pts, frame.time_base, frame.duration = pts, like.time_base, like.duration
    return frame
