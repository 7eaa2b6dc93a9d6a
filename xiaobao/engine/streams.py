"""Streams of a kernel that lose nothing of what is written straight to descriptors 1 and 2.

ipykernel's own reader thread takes such text from a pipe whenever it wakes, on a busy machine after the cell has ended.
Here the end of a cell is written into the same pipe behind it: when the mark comes out, all before it has come out too.
"""

from __future__ import annotations

import codecs
import os
import select
import threading

from ipykernel.iostream import OutStream

_PIPE_BYTES = 1 << 16
_LONGEST_WAIT = 10.0  # seconds; only a reader thread that died is ever waited for so long


class DrainedStream(OutStream):
    """An OutStream that can be asked to have shown all that was written to its descriptor until now."""

    _mark = b""

    def _setup_stream_redirects(self, name: str) -> None:
        self._mark = b"\0" + os.urandom(16)
        self._come = threading.Event()
        self._quiet = True  # nothing came out of the pipe since the last mark
        super()._setup_stream_redirects(name)  # starts the reader thread
        # The cell may put something else in the place of descriptor 1; the pipe stays this one.
        self._pipe_end = os.dup(self._original_stdstream_fd)

    def drain(self) -> None:
        """Wait until everything written to the descriptor so far is in this stream."""
        if self._fid is None or (not _readable(self._fid, 0) and self._quiet):  # in this order: see the reader
            return
        self._come.clear()
        os.write(self._pipe_end, self._mark)
        self._come.wait(_LONGEST_WAIT)

    def close(self) -> None:
        """Give the descriptor back."""
        super().close()
        if self._fid is not None:
            os.close(self._pipe_end)

    def _watch_pipe_fd(self) -> None:
        """Read the pipe until the stream is closed; runs in a thread of its own."""
        assert self._fid is not None
        decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a character may come in two parts
        held = b""
        while _readable(self._fid, None):
            self._quiet = False  # before the pipe is emptied, so that whoever finds it empty knows of what it held
            part = os.read(self._fid, _PIPE_BYTES)
            if not part or not self._should_watch:
                break
            *before, held = (held + part).split(self._mark)
            for text in before:
                self._pass_on(text, decoder, final=True)
                self._quiet = not held
                self._come.set()
            cut = len(held) - _length_of_beginning(held, self._mark)
            text, held = held[:cut], held[cut:]
            self._pass_on(text, decoder, final=False)

    def _pass_on(self, text: bytes, decoder: codecs.IncrementalDecoder, *, final: bool) -> None:
        if shown := decoder.decode(text, final):
            self.write(shown)
        if text:
            os.write(self._original_stdstream_copy, text)


def _readable(fd: int, milliseconds: int | None) -> bool:
    """Tell whether a pipe has something to read or has ended; wait for that so long, None for ever."""
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    return bool(poll.poll(milliseconds))


def _length_of_beginning(text: bytes, mark: bytes) -> int:
    """Return how many bytes at the end of `text` may be the beginning of `mark`."""
    return next(size for size in range(min(len(text), len(mark) - 1), -1, -1) if text.endswith(mark[:size]))
