"""A film in, the same film drawn as a toon out: sound, times and shape of the pictures stay as they are.

Frames are read, and turned into RGB, in a thread of their own while the last ones are drawn. All other
streams are copied packet by packet, bit for bit. The file is written beside its name and moved at the end.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from multitoon import __version__
from multitoon.data.film import Film, open_film
from multitoon.data.film_reader import Picture, reading
from multitoon.encoders import add_video, encoder_for, to_frame
from multitoon.errors import OutputError, UsageError
from multitoon.whole_file import whole_file

if TYPE_CHECKING:
    import av
    from av.container import OutputContainer
    from av.stream import Stream

Draw = Callable[[Image.Image], Image.Image]
"""An RGB picture to one of the same size."""


@dataclasses.dataclass
class VideoReport:
    """What `draw_video` did."""

    frames: int = 0
    drawn: int = 0
    """Frames that were drawn; the others show just what the one before does."""
    seconds: float = 0.0
    """Of film."""
    took: float = 0.0
    """Seconds."""
    size_wh: tuple[int, int] = (0, 0)
    codec: str = ""
    copied: list[str] = dataclasses.field(default_factory=list)
    """Other streams that the new film has, such as `audio aac`."""
    left_out: list[str] = dataclasses.field(default_factory=list)
    """Those that its container cannot hold."""
    damaged: int = 0
    """Packets that could not be decoded; their frames are missing."""


def draw_video(
    source: Path,
    target: Path,
    draw: Draw,
    *,
    max_size: int | None = None,
    start: float = 0.0,
    duration: float | None = None,
    codec: str | None = None,
    crf: int | None = None,
    comment: str = "",
    overwrite: bool = False,
    on_progress: Callable[[float, VideoReport], None] | None = None,
) -> VideoReport:
    """Write the film at `source`, each frame through `draw`, to `target`.

    Frames keep their times, also irregular ones, and their proportions; a film that players turn is written
    upright. Colors go back through the same matrix that they came from.

    Args:
        max_size: scale frames down first, until the longer side has at most so many pixels.
        start, duration: only this part of the film, in seconds.
        codec: a key of `encoders.ENCODERS`; what is usual for the suffix of `target` if None.
        crf: constant rate factor, lower is better and larger; the encoder's own default if None.
        comment: how it was made, for the file's metadata.
        on_progress: called as (seconds of film done, report so far) after every frame.

    Raises:
        FilmReadError, MissingExtraError: as `open_film`.
        UsageError: a codec or sound that `target`'s kind of file cannot hold, or nothing in the part.
        OutputError: `target` exists and `overwrite` is false, or cannot be written.
    """
    encoder = encoder_for(target, codec)
    began, report = time.perf_counter(), VideoReport(codec=encoder.name)
    if target.exists() and target.samefile(source):
        raise UsageError(f"{target} is the film itself.", "Choose another name with -o.")
    with open_film(source) as film, whole_file(target, overwrite) as part, _writing(part) as out:
        others = _copied(film, out, target, report)
        early: list[av.Packet] = []  # of other streams, before the first picture
        stream, copies, last, toon, pts = None, {}, None, None, None
        for item in reading(film, others, start, duration, max_size):
            if not isinstance(item, Picture):
                if stream is None:
                    early.append(item)
                else:
                    _copy(item, copies, out)
                continue
            if stream is None:
                stream = add_video(out, encoder, film, item, crf)
                copies = {other.index: _add_copy(out, other) for other in others}
                _describe(out, film, comment, whole=start == 0 and duration is None)
                report.size_wh = item.rgb.shape[1::-1]
                for packet in early:
                    _copy(packet, copies, out)
            if last is None or not np.array_equal(item.rgb, last):
                toon, last = np.asarray(draw(Image.fromarray(item.rgb))), item.rgb
                report.drawn += 1
            pts = item.pts if pts is None else max(item.pts, pts + 1)
            out.mux(stream.encode(to_frame(toon, item, pts)))
            report.frames += 1
            report.seconds, report.took = item.seconds - start, time.perf_counter() - began
            if on_progress:
                on_progress(report.seconds, report)
        if stream is None:
            hint = f"It is {film.seconds:.1f} seconds long." if film.seconds else ""
            raise UsageError(f"{source} has no picture from second {start:g} on.", hint)
        out.mux(stream.encode())
        report.seconds += float(1 / film.rate)
        report.damaged, report.took = film.damaged, time.perf_counter() - began
    return report


@contextlib.contextmanager
def _writing(part: Path) -> Iterator[OutputContainer]:
    """An open film to write; FFmpeg's complaints about it as `OutputError`."""
    import av

    # The index goes to the front of the file, so that a browser shows the film before it has all of it.
    options = {"movflags": "+faststart"} if part.suffix.lower() in (".mp4", ".m4v", ".mov") else {}
    try:
        with av.open(str(part), "w", options=options) as out:
            yield out
    except av.error.FFmpegError as error:
        raise OutputError(
            f"The film could not be written: {error.strerror}.", "Try another --codec."
        ) from error


def _copied(film: Film, out: OutputContainer, target: Path, report: VideoReport) -> list[Stream]:
    """Sound and subtitles that go into `out` as they are; what does not is in the report.

    Raises:
        UsageError: sound that `out` cannot hold: a film without it would not be the same film.
    """
    others = []
    for stream in film.container.streams:
        if stream.index == film.stream.index:
            continue
        codec = (
            stream.codec_context.name if stream.codec_context else ""
        )  # a clock, a font, something unknown
        what = f"{stream.type} {codec}".strip()
        wanted = codec and stream.type in ("audio", "subtitle")
        fits = bool(wanted) and _canonical(codec) in out.supported_codecs
        if fits:
            others.append(stream)
        elif stream.type == "audio":
            raise UsageError(
                f"{target.suffix} can't hold the film's sound ({codec or 'unknown'}).",
                "Write an .mkv instead.",
            )
        (report.copied if fits else report.left_out).append(what)
    return others


def _canonical(codec: str) -> str:
    """The name of the format that a decoder called `codec` reads: mp3 for mp3float."""
    import av

    return av.Codec(codec, "r").canonical_name


def _add_copy(out: OutputContainer, stream: Stream) -> Stream:
    copy = out.add_stream_from_template(stream)
    copy.metadata.update(stream.metadata)
    copy.disposition = stream.disposition
    return copy


def _copy(packet: av.Packet, copies: dict[int, Stream], out: OutputContainer) -> None:
    packet.stream = copies[packet.stream_index]
    out.mux(packet)


def _describe(out: OutputContainer, film: Film, comment: str, *, whole: bool) -> None:
    """The film's own title and chapters, and how the toon was made."""
    out.metadata.update(film.container.metadata)
    own = film.container.metadata.get("comment", "")
    out.metadata["comment"] = "; ".join(filter(None, [own, f"multitoon {__version__}", comment]))
    if whole:
        out.set_chapters(film.container.chapters())
