"""Forms with files, read so that no file can cost its sender the words that came with it.

What is too much of a file or too many of them is read and dropped, so that the words still arrive; a name in bytes that
mean nothing spoils nothing. Words are strict UTF-8, as in every other form.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from engage.pictures import LARGEST
from engage.web.forms import BrokenText

#: Bytes that are read at a time.
PIECE: Final = 64 * 1024
#: Files of one form that are kept; nobody takes more of them at once.
MOST_FILES: Final = 5


class _Decoder(MultipartDecoder):
    def _parse_headers(self, data: bytes | bytearray) -> Headers:
        return super()._parse_headers(bytes(data).decode("utf-8", "replace").encode())


class FormParser(FormDataParser):
    """Reads what a browser sends; a file that is too large, or one too many, is there and empty."""

    def _parse_multipart(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str]
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        del mimetype, content_length
        fields: list[tuple[str, str]] = []
        files: list[tuple[str, FileStorage]] = []
        for part, pieces in self._parts(stream, options.get("boundary", "").encode("ascii")):
            if isinstance(part, Field):
                fields.append((part.name or "", self._words(pieces)))
            else:
                files.append((part.name or "", self._file(part, pieces, LARGEST if len(files) < MOST_FILES else 0)))
        return stream, self.cls(fields), self.cls(files)

    def _parts(self, stream: IO[bytes], boundary: bytes) -> Iterator[tuple[Field | File, Iterator[bytes]]]:
        """The parts of a form, each with its bytes, which must be read before the next one."""
        events = self._events(stream, boundary)
        for event in events:
            if isinstance(event, Field | File):
                yield event, _pieces(events)

    def _events(self, stream: IO[bytes], boundary: bytes) -> Iterator[object]:
        decoder = _Decoder(boundary, self.max_form_memory_size, max_parts=self.max_form_parts)
        more = bool(boundary)
        while more:
            read = stream.read(PIECE)
            more = bool(read)
            decoder.receive_data(read or None)
            while not isinstance(event := decoder.next_event(), Epilogue | NeedData):
                yield event

    def _words(self, pieces: Iterator[bytes]) -> str:
        words = bytearray()
        for piece in pieces:
            words += piece
            if self.max_form_memory_size is not None and len(words) > self.max_form_memory_size:
                raise RequestEntityTooLarge
        try:
            return words.decode()
        except UnicodeDecodeError:
            raise BrokenText from None

    def _file(self, part: File, pieces: Iterator[bytes], most: int) -> FileStorage:
        kept, length = self.stream_factory(None, part.headers.get("content-type"), part.filename), 0
        for piece in pieces:
            length += len(piece)
            if length <= most:
                kept.write(piece)
            else:
                kept.seek(0)
                kept.truncate()
        kept.seek(0)
        return FileStorage(kept, part.filename, part.name, headers=part.headers)


def _pieces(events: Iterator[object]) -> Iterator[bytes]:
    for event in events:
        if isinstance(event, Data):
            yield event.data
            if not event.more_data:
                return
