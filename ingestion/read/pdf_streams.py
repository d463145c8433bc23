"""How large the streams of a PDF grow, found without a PDF reader: it would unpack them to say so.

Each stream is inflated into nothing, whatever it says of itself, and so is what its letters (ASCII85,
ASCIIHex) stand for. Filters that cannot be followed so are refused. Encrypted streams are seen in a copy
(`pdf_plain`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator

from pdfminer.ascii85 import ascii85decode, asciihexdecode

from ingestion.read import UnreadableDelivery

_MIB = 1024 * 1024
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ARRAY = re.compile(rb"\[([^\[\]]*)\]")
_NAME = re.compile(rb"/(\w+)")
_PACKING = {b"FlateDecode", b"Fl", b"LZWDecode", b"LZW", b"RunLengthDecode", b"RL"}
_LETTERS = {b"ASCII85Decode", b"A85", b"ASCIIHexDecode", b"AHx"}
# A filter, or one of a chain, that stands elsewhere. /F is short for it, and names a file in other places.
_BEHIND_NAME = rb"/F(?:ilter)?(?:\s{0,9}%[^\r\n]{0,40}[\r\n]){0,3}\s{0,99}"
_ELSEWHERE = re.compile(_BEHIND_NAME + rb"(?:\[[^\[\]]*?\d\s+R\b|(?<=\s)(\d+)\s+(\d+)\s+R\b)")
_GROWS = tuple(
    (re.compile(_BEHIND_NAME + rb"(?:\[[^\[\]]*?)?/(?:" + names + rb")\b"), most, said)
    for names, most, said in ((rb"LZW(?:Decode)?", 2_048, "LZW"), (rb"RunLengthDecode|RL", 64, "RunLength"))
)
"""Packings that only their own decoder undoes, with the most that a byte becomes."""
_COMMENT = re.compile(rb"%[^\r\n]*")
_OBJECT = re.compile(rb"(\d+)\s+(\d+)\s+obj\s*(<<)?")
_STREAM = re.compile(rb"(?<!end)stream")
_LINE_END = re.compile(rb"\r\n?|\n")
# What letters begin with that stand for something, and what ends them.
_WRITTEN = (
    (re.compile(rb"\s*(?:<?\s*~)?((?:\s*[!-u]){5})"), b"~", ascii85decode),
    (re.compile(rb"((?:\s*[0-9A-Fa-f]){4})"), b">", asciihexdecode),
)


def unpacked(document: bytes, name: str, limit: int) -> Iterator[int]:
    """Give by and by how many bytes more the streams hold once unpacked; the caller stops at `limit`.

    Raises UnreadableDelivery, which names the file by `name`, for what hides how large it grows.
    """
    _require_plain_filters(document, name, limit)
    for start in _starts(document):
        yield from _inflated(document, start)
        for beginning, end, decoder in _WRITTEN:
            if (match := beginning.match(document, start)) and _opens_zlib(_decoded(match[1], decoder)):
                last = document.find(end, match.end())
                octets = _decoded(document[match.start(1) : last if last >= 0 else None], decoder)
                yield len(octets)
                yield from _inflated(octets, 0)


def without_escapes(document: bytes) -> bytes:
    """Give a document with its names as they read: /Filt#65r is /Filter."""
    return _ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), document)


def _require_plain_filters(document: bytes, name: str, limit: int) -> None:
    plain = without_escapes(document)
    for text in (plain, _COMMENT.sub(b"", plain)):
        chains = (_NAME.findall(array) for array in _ARRAY.findall(text))
        if any(sum(one in kinds for one in chain) > 1 for chain in chains for kinds in (_PACKING, _LETTERS)):
            raise UnreadableDelivery(name, "un contenu compressé ou codé deux fois", "un PDF ordinaire")
    for kind, most, said in _GROWS:
        if len(document) * most > limit and kind.search(plain):
            raise UnreadableDelivery(name, f"un contenu compressé en {said}", "un PDF ordinaire")
    if _leads_to_filters(plain):
        raise UnreadableDelivery(name, "un filtre indiqué ailleurs qu’à son contenu", "un PDF ordinaire")


def _leads_to_filters(plain: bytes) -> bool:
    """Whether a reference may be one to filters: what it leads to is not seen to be a dictionary."""
    found = list(_ELSEWHERE.finditer(plain))
    if not found:
        return False
    objects: dict[tuple[bytes, bytes], bool] = {}
    for number, generation, opening in _OBJECT.findall(plain):
        objects[number, generation] = objects.get((number, generation), True) and bool(opening)
    return not all(match[1] and objects.get((match[1], match[2]), False) for match in found)


def _starts(document: bytes) -> Iterator[int]:
    """Where the content of a stream may begin: on the line below the word."""
    end = 0
    for word in _STREAM.finditer(document):
        if word.end() < end:
            continue  # on a line that was seen
        line_end = _LINE_END.search(document, word.end())
        if line_end is None:
            return
        end = line_end.end()
        yield end


def _decoded(letters: bytes, decoder: Callable[[bytes], bytes]) -> bytes:
    """Give what letters stand for; nothing for those that no reader takes."""
    try:
        return decoder(letters)
    except ValueError:
        return b""


def _opens_zlib(octets: bytes) -> bool:
    return len(octets) > 1 and octets[0] & 15 == 8 and (octets[0] << 8 | octets[1]) % 31 == 0


def _inflated(octets: bytes, position: int) -> Iterator[int]:
    inflating = zlib.decompressobj()
    rest: bytes = octets[position : position + 64]
    position += len(rest)
    try:
        while rest and not inflating.eof:
            yield len(inflating.decompress(rest, _MIB))
            rest = inflating.unconsumed_tail
            if not rest:
                rest = octets[position : position + _MIB]
                position += len(rest)
    except zlib.error:
        return  # another kind of stream, or a damaged one: its reader says so
