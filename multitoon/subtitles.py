"""What is said in a film and when: from its own subtitles, or from a file beside it."""

from __future__ import annotations

import dataclasses
import html
import re
from pathlib import Path

from multitoon.data.film import Film
from multitoon.errors import FilmReadError, UsageError

TEXT_CODECS = ("ass", "mov_text", "srt", "ssa", "subrip", "text", "webvtt")
"""Subtitles made of words; those of DVDs and Blu-rays are pictures."""
_TIMES = re.compile(
    r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})\s*-->\s*(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
)
_TAGS = re.compile(r"\{[^}]*\}|<[^>]*>")
_OPENING = re.compile(rf"(?:{_TAGS.pattern})*")
_DASH = re.compile(r"^\s*[-\u2010-\u2015]\s*")


@dataclasses.dataclass(frozen=True)
class Line:
    """One subtitle."""

    start: float
    """Seconds from the beginning of the film."""
    stop: float
    parts: tuple[str, ...]
    """What one voice says each: two where lines begin with a dash."""
    narrated: bool = False
    """Not said in the scene: in italics, [in brackets], or sung."""


def read_srt(path: Path) -> list[Line]:
    """The lines of an SRT or WebVTT file, by time.

    Raises:
        FilmReadError: no such file, or it is not text.
        UsageError: text without one line in either format.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise FilmReadError(f"{path}: no such file.") from error
    except OSError as error:
        raise FilmReadError(f"{path}: {error.strerror}.", "Check its owner and mode.") from error
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # what old files are written in
    lines = parse_srt(text)
    if not lines:
        raise UsageError(
            f"{path} holds no subtitles, wanted lines such as '00:01:02,500 --> 00:01:04,000'.",
            "Convert it to SRT.",
        )
    return lines


def parse_srt(text: str) -> list[Line]:
    """The lines of a text in SRT or WebVTT, by time.

    >>> parse_srt("1\\n00:00:01,000 --> 00:00:02,500\\nHello.")[0]
    Line(start=1.0, stop=2.5, parts=('Hello.',), narrated=False)
    """
    found = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        times = _TIMES.search(block)
        if times:
            start, stop = _seconds(times.groups()[:4]), _seconds(times.groups()[4:])
            line = to_line(start, stop, block[times.end() :].partition("\n")[2])
            if line:
                found.append(line)
    return sorted(found, key=lambda line: line.start)


def stream_lines(film: Film) -> list[Line]:
    """The lines of the first subtitles in `film` that are text, by time; none where there are none."""
    for stream in film.container.streams.subtitles:
        if stream.codec_context.name not in TEXT_CODECS:
            continue
        film.container.seek(0)
        found = []
        for packet in film.container.demux(stream):
            if packet.pts is None or not packet.size:
                continue
            start = float(packet.pts * packet.time_base) - film.origin
            length = float((packet.duration or 0) * packet.time_base)
            for subtitle in stream.decode(packet) or []:
                words = (subtitle.dialogue or subtitle.text or b"").decode("utf-8", "replace")
                # PyAV hands the words of an ASS line out already, but with what makes them italic.
                line = to_line(start, start + length, words)
                if line:
                    found.append(line)
        return sorted(found, key=lambda line: line.start)
    return []


def to_line(start: float, stop: float, text: str) -> Line | None:
    """A subtitle's text, with the tags of SRT or ASS, as a `Line`; None if no words are left.

    >>> to_line(0, 1, "- Is it <b>far</b>?\\n- It is.").parts
    ('Is it far?', 'It is.')
    >>> to_line(0, 1, "{\\\\i1}It had been raining.{\\\\i0}").narrated
    True
    """
    text = text.replace("\\N", "\n").replace("\\n", "\n").replace("\\h", " ").strip()
    opening = _OPENING.match(text).group()
    italic = "<i>" in opening or "\\i1" in opening
    rows = [" ".join(html.unescape(_TAGS.sub("", row)).split()) for row in text.split("\n")]
    rows = [row for row in rows if row]
    if not rows:
        return None
    if sum(bool(_DASH.match(row)) for row in rows) > 1:
        parts: list[str] = []
        for row in rows:
            if _DASH.match(row) or not parts:
                parts.append(_DASH.sub("", row))
            else:
                parts[-1] += " " + row
    else:
        parts = [_DASH.sub("", " ".join(rows))]
    bare = parts[0].strip()
    narrated = italic or bare[:1] in "♪♫[(" or bare[-1:] in "♪♫"
    return Line(start, stop, tuple(part for part in parts if part), narrated)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")
