"""A film as upright RGB pictures with their times: one after another, or those at wanted times.

Nothing is held but the picture at hand, so a film of any length takes the same memory.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from multitoon.errors import FilmReadError, MissingExtraError

if TYPE_CHECKING:
    import av
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

HD_HEIGHT = 720
"""Films as high as this that don't say what their colors mean follow BT.709, lower ones BT.601."""
BT709, UNSPECIFIED, BT601 = 1, 2, 5
"""Color matrices by their numbers in ITU-T H.273, table 4."""
SEEK_WORTH = 10.0
"""Seconds of film: to a picture farther ahead than this one jumps, to a nearer one one reads on."""
ROUNDING = 1e-3
"""Seconds by which times may be off after a file's own clock has rounded them."""


@dataclasses.dataclass
class Film:
    """An open film; see `open_film`."""

    path: Path
    container: InputContainer
    stream: VideoStream
    damaged: int = 0
    """Packets that could not be decoded so far; what they showed is missing."""

    @property
    def rate(self) -> Fraction:
        """Mean pictures a second."""
        return Fraction(self.stream.average_rate or self.stream.guessed_rate or 25)

    @property
    def origin(self) -> float:
        """The container's time at which the film begins, in seconds; often 0."""
        return (self.container.start_time or 0) / 1e6

    @property
    def seconds(self) -> float | None:
        """How long the film is; None if the file does not say."""
        if self.container.duration:
            return self.container.duration / 1e6
        if self.stream.duration:
            return float(self.stream.duration * self.stream.time_base)
        return None

    def frames(self, start: float = 0.0, stop: float | None = None) -> Iterator[tuple[float, VideoFrame]]:
        """(seconds from the beginning, frame) for all frames in [start, stop), in the order of showing.

        Raises:
            FilmReadError: not one frame of the film can be decoded.
        """
        for seconds, frame in self._after_jump(start) if start > 0 else self._from_beginning():
            if stop is not None and seconds >= stop - ROUNDING:
                return
            if seconds >= start - ROUNDING:
                yield seconds, frame

    def frames_at(self, times: Iterable[float]) -> Iterator[tuple[float, VideoFrame]]:
        """For each of `times` (seconds, rising) the first frame at or after it, with its own time.

        Jumps over what is long and not wanted, where the file allows it. Fewer come where the film ends.
        """
        wanted = list(times)
        far = [i for i, (a, b) in enumerate(itertools.pairwise(wanted), 1) if b - a > SEEK_WORTH]
        for first, last in itertools.pairwise([0, *far, len(wanted)]):
            near = wanted[first:last]
            frames = self.frames(near[0]) if near else iter(())
            for seconds, frame in frames:
                while near and seconds >= near[0] - ROUNDING:
                    near.pop(0)
                    yield seconds, frame
                if not near:
                    break

    def decoded(self, packets: Iterable[av.Packet]) -> Iterator[VideoFrame]:
        """The frames in `packets` of the film's stream; damaged ones are counted and left out."""
        import av

        for packet in packets:
            try:
                yield from packet.decode()
            except av.error.InvalidDataError:
                self.damaged += 1

    def _from_beginning(self) -> Iterator[tuple[float, VideoFrame]]:
        self._reopen()
        count = 0
        for frame in self.decoded(self.container.demux(self.stream)):
            # A stream without times, such as bare H.264, shows a frame every 1 / rate seconds.
            yield float(count / self.rate if frame.time is None else frame.time - self.origin), frame
            count += 1
        if not count:
            raise FilmReadError(f"{self.path}: not one picture of it can be decoded.", "Copy it again.")

    def _after_jump(self, start: float) -> Iterator[tuple[float, VideoFrame]]:
        """From a whole picture before `start` on; from the beginning if the file can't be jumped in."""
        import av

        # Half a second early: the clocks of the container and of its picture may differ a little.
        with contextlib.suppress(av.error.FFmpegError):
            self.container.seek(max(0, round((self.origin + start - 0.5) * 1e6)))
            frames = self.decoded(self.container.demux(self.stream))
            first = next(frames, None)
            if first is not None and first.time is not None and first.time - self.origin <= start:
                for frame in itertools.chain([first], frames):
                    yield float(frame.time - self.origin), frame
                return
        yield from self._from_beginning()

    def _reopen(self) -> None:
        self.container.close()
        self.container, self.stream = _opened(self.path)


@contextlib.contextmanager
def open_film(path: str | Path) -> Iterator[Film]:
    """The film at `path`, in any container and codec that PyAV reads.

    Raises:
        MissingExtraError: PyAV is not installed.
        FilmReadError: no such file, no permission, not a film, or one without pictures.
    """
    film = Film(Path(path), *_opened(Path(path)))
    try:
        yield film
    finally:
        film.container.close()


def matrix_of(frame: VideoFrame) -> int:
    """The color matrix that the numbers of `frame` are meant in; ITU-T H.273, table 4."""
    if frame.colorspace != UNSPECIFIED:
        return frame.colorspace
    return BT709 if frame.height >= HD_HEIGHT else BT601


def upright(frame: VideoFrame, max_side: int | None = None) -> np.ndarray:
    """`frame` as (H, W, 3) uint8 RGB, as a player shows it: turned, and with square pixels.

    Args:
        max_side: longer side in pixels to scale down to, by areas.
    """
    aspect = float(getattr(frame, "sample_aspect_ratio", None) or 1)
    return turned(to_rgb(frame, aspect, max_side), frame.rotation)


def to_rgb(frame: VideoFrame, aspect: float = 1.0, max_side: int | None = None) -> np.ndarray:
    """`frame` as it lies in the file, (H, W, 3) uint8 RGB, its width times `aspect`, the pixels' own."""
    width, height = frame.width * aspect, float(frame.height)
    scale = min(1.0, max_side / max(width, height)) if max_side else 1.0
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    options = {} if size_wh == (frame.width, frame.height) else {"interpolation": "AREA"}
    rgb = frame.reformat(*size_wh, format="rgb24", src_colorspace=matrix_of(frame), **options)
    return rgb.to_ndarray()


def turned(rgb: np.ndarray, degrees: int) -> np.ndarray:
    """`rgb` counterclockwise by `degrees`, rounded to quarters of a turn."""
    quarters = round(degrees / 90) % 4
    return np.ascontiguousarray(np.rot90(rgb, quarters)) if quarters else rgb


def _opened(path: Path) -> tuple[InputContainer, VideoStream]:
    try:
        import av
    except ImportError as error:
        raise MissingExtraError("Reading films", "video") from error
    try:
        container = av.open(str(path))
    except av.error.FileNotFoundError as error:
        raise FilmReadError(f"{path}: no such file.") from error
    except av.error.PermissionError as error:
        raise FilmReadError(f"{path}: no permission to read it.", "Check its owner and mode.") from error
    except av.error.IsADirectoryError as error:
        raise FilmReadError(f"{path} is a folder, not a film.") from error
    except av.error.FFmpegError as error:
        hint = "multitoon stylize draws photos." if path.suffix.lower() in (".jpg", ".png") else ""
        raise FilmReadError(f"{path} is not a readable film ({error.strerror}).", hint) from error
    # The picture on the cover of an album is a stream too.
    streams = [stream for stream in container.streams.video if not _is_cover(stream)]
    if not streams:
        container.close()
        raise FilmReadError(f"{path} has no moving picture in it.")
    streams[0].thread_type = "AUTO"
    return container, streams[0]


def _is_cover(stream: VideoStream) -> bool:
    from av.stream import Disposition

    return bool(stream.disposition & Disposition.attached_pic)
