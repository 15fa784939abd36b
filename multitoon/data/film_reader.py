"""A film's pictures and the packets of its other streams, read ahead in a thread of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import queue
import threading
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from multitoon.data.film import ROUNDING, Film, matrix_of, to_rgb, turned

if TYPE_CHECKING:
    import av
    from av.stream import Stream
    from av.video.frame import VideoFrame

AHEAD = 8
"""Pictures and packets that wait for being drawn; each picture takes the memory of one."""
LAG = 5.0
"""Seconds of film by which a file's streams may lie apart: that far one reads on for the end of the sound."""


@dataclasses.dataclass(frozen=True)
class Picture:
    """A frame as pixels."""

    rgb: np.ndarray
    """(H, W, 3) uint8, upright."""
    seconds: float
    """From the beginning of the film."""
    pts: int
    """Its time in units of `time_base`; 0 at the beginning of the part that is read."""
    duration: int
    """In units of `time_base`; 0 if the file does not say."""
    time_base: Fraction
    aspect: Fraction
    """Width of a pixel over its height, upright."""
    tags: tuple[int, int, int]
    """Matrix, primaries and transfer of its colors; ITU-T H.273."""


def reading(
    film: Film,
    others: Sequence[Stream],
    start: float = 0.0,
    duration: float | None = None,
    max_size: int | None = None,
) -> Iterator[Picture | av.Packet]:
    """What `film` shows from second `start` on, for `duration` seconds, and the packets of `others` then.

    Packets keep their bytes; their times count from `start`, as those of the pictures do.

    Args:
        max_size: longer side of the pictures in pixels to scale down to.
    """
    items: queue.Queue = queue.Queue(AHEAD)
    stopped = threading.Event()

    def put(item: object) -> bool:
        while not stopped.is_set():
            with contextlib.suppress(queue.Full):
                items.put(item, timeout=0.1)
                return True
        return False

    def work() -> None:
        try:
            for item in _items(film, others, start, duration, max_size):
                if not put(item):
                    return
        except BaseException as error:  # handed on and raised by the reader of the queue
            put(error)
        else:
            put(None)

    thread = threading.Thread(target=work, name="film reader", daemon=True)
    thread.start()
    try:
        while (item := items.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()


def _items(
    film: Film, others: Sequence[Stream], start: float, duration: float | None, max_size: int | None
) -> Iterator[Picture | av.Packet]:
    stop = None if duration is None else start + duration
    if start > 0:
        film.container.seek(max(0, round((film.origin + start) * 1e6)))
    # A whole film keeps its own clock, so that sound and picture lie apart by just as much as they did.
    zero = film.origin + start if start > 0 else 0.0
    unfinished = {film.stream.index, *(stream.index for stream in others if stream.type == "audio")}
    count = 0
    for packet in film.container.demux(film.stream, *others):
        base = packet.time_base
        if packet.stream is film.stream:
            for frame in film.decoded([packet]):
                seconds = float(count / film.rate if frame.time is None else frame.time - film.origin)
                count += 1
                if stop is not None and seconds >= stop - ROUNDING:
                    unfinished.discard(film.stream.index)
                elif seconds >= start - ROUNDING:
                    yield _picture(film, frame, seconds, zero, max_size)
        elif packet.pts is not None:
            seconds = float(packet.pts * base) - film.origin
            if stop is not None and seconds >= stop:
                unfinished.discard(packet.stream_index)
                if seconds >= stop + LAG:
                    return
            elif (
                start == 0 or seconds >= start - ROUNDING
            ):  # sound may begin before 0, to warm the decoder up
                shift = round(zero / base)
                packet.pts -= shift
                packet.dts = packet.pts if packet.dts is None else packet.dts - shift
                yield packet
        if not unfinished:
            return


def _picture(film: Film, frame: VideoFrame, seconds: float, zero: float, max_size: int | None) -> Picture:
    rotation = frame.rotation
    aspect = Fraction(film.stream.sample_aspect_ratio or 1)
    base = frame.time_base or 1 / film.rate
    rgb = turned(to_rgb(frame, 1.0, max_size), rotation)
    # Most encoders need even sides.
    rgb = np.ascontiguousarray(rgb[: max(2, rgb.shape[0] // 2 * 2), : max(2, rgb.shape[1] // 2 * 2)])
    time = Fraction(seconds) if frame.pts is None else frame.pts * base
    return Picture(
        rgb,
        seconds,
        round((time - Fraction(zero)) / base),
        frame.duration or 0,
        base,
        1 / aspect if round(rotation / 90) % 2 else aspect,
        (matrix_of(frame), frame.color_primaries, frame.color_trc),
    )
