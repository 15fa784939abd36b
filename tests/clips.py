"""Tiny films for tests: pictures given, sound and subtitles made of formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

RATE = 12
"""Pictures a second, unless a test wants others."""


def scene(seed: int, width: int = 128, height: int = 96) -> np.ndarray:
    """(H, W, 3) uint8: blots of color with edges and texture, unlike those of any other seed."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    rgb = np.empty((height, width, 3))
    rgb[:] = random.integers(60, 200, 3)
    for _ in range(14):
        center, radius = random.random(2) * (width, height), random.integers(8, 30)
        inside = np.hypot(x - center[0], y - center[1]) < radius
        rgb[inside] = random.integers(0, 256, 3)
    rgb += random.normal(0, 6, (height, width, 1))
    return rgb.clip(0, 255).astype(np.uint8)


def still(seed: int, seconds: float = 1.0, rate: int = RATE) -> list[np.ndarray]:
    """A shot of `scene(seed)` that does not move."""
    return [scene(seed)] * round(seconds * rate)


def write_clip(
    path: Path,
    pictures: Iterable[np.ndarray],
    *,
    rate: int | Fraction = RATE,
    times: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    sound: bool = False,
    rotation: int = 0,
    lines: Sequence[tuple[float, float, str]] = (),
    codec: str = "libx264",
    matrix: int | None = None,
) -> Path:
    """Write `pictures` as a film.

    Args:
        times: of each picture in units of `time_base`; otherwise one every 1 / `rate` seconds.
        sound: a tone of 440 Hz, in AAC.
        rotation: degrees counterclockwise that a player turns the pictures by.
        lines: subtitles, (from second, to second, text).
    """
    pictures = list(pictures)
    with av.open(str(path), "w") as container:
        options = {"crf": "12", "preset": "ultrafast"} if codec == "libx264" else {}
        video = container.add_stream(codec, rate=rate, options=options)
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = "yuv420p"
        base = time_base or Fraction(1) / Fraction(rate)
        video.codec_context.time_base = base
        if matrix is not None:
            video.codec_context.colorspace = matrix
        if rotation:
            video.set_display_rotation(rotation)
        audio = container.add_stream("aac", rate=44100, layout="mono") if sound else None
        text = None
        if lines:
            text = container.add_stream("mov_text" if path.suffix == ".mp4" else "subrip")
            text.codec_context.subtitle_header = _ASS_HEADER
        container.start_encoding()
        for from_second, to_second, line in lines:
            _write_line(container, text, from_second, to_second, line)
        for number, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb)
            frame = frame.reformat(format="yuv420p", dst_colorspace=matrix)
            frame.pts, frame.time_base = (times[number] if times else number), base
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if audio is not None:
            _write_tone(container, audio, len(pictures) / float(rate))
    return path


_ASS_HEADER = (
    b"[Script Info]\r\nScriptType: v4.00+\r\n\r\n[V4+ Styles]\r\nFormat: Name, Fontname, Fontsize, "
    b"PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, "
    b"ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, "
    b"Encoding\r\n"
    b"Style: Default,Arial,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0\r\n\r\n"
    b"[Events]\r\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n"
)


def _write_line(container, stream, start: float, stop: float, line: str) -> None:
    from av.subtitles.subtitle import SubtitleSet

    text = f"0,0,Default,,0,0,0,,{line}".encode()
    subtitle = SubtitleSet.create(text, 0, round((stop - start) * 1000), round(start * 1e6))
    packet = stream.codec_context.encode_subtitle(subtitle)
    packet.stream = stream
    packet.time_base = Fraction(1, 1000)
    packet.pts = packet.dts = round(start * 1000)
    packet.duration = round((stop - start) * 1000)
    container.mux(packet)


def _write_tone(container, stream, seconds: float) -> None:
    for start in range(0, round(seconds * 44100), 1024):
        wave = np.sin((start + np.arange(1024)) * 2 * np.pi * 440 / 44100).astype(np.float32) * 0.3
        frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 44100, start
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
