"""A web article as numbered paragraphs: what a person reads, in order, each under its section title.

A paragraph is the smallest block of text (p, li, a row of a table…). Scripts, styles, navigation and comments
are left out; nothing outside the file is ever fetched. White space is folded as a browser folds it, which
keeps the no-break spaces: they are evidence of how a number was printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree, html

from ingestion.read import Record, UnreadableDelivery, apart, parsed

_SMALL = 64 * 1024  # octets of a page that needs no care
_MOST_SECONDS = 5  # of the processor, to parse any other: five MiB of paragraphs take one
_MOST_MEMORY = 1024 * 1024 * 1024
_UNREADABLE = "une page que rien n’affiche : trop de balises ou d’attributs"

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
# fmt: off
_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "dd", "div", "dl", "dt", "figcaption",
    "figure", "footer", "form", "header", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul",
})
_LEFT_OUT = frozenset({
    "head", "script", "style", "noscript", "nav", "template", "iframe", "object", "svg", "button", "select",
})
# fmt: on
_WHITE_SPACE = re.compile(r"[ \t\r\n\f]+")
# What a code is made of; it goes into sheets that people open, where `=` or `@` in front would run.
_CODE = re.compile(r"\w[\w.,%~-]*")
_ADDRESS = "un lien canonique ou og:url (enregistrer la page entière, telle que le site la donne)"
_NOTHING = re.compile(r"[\s\u00a0\u202f\u200b·•-]*")


def read(path: Path) -> Iterator[Record]:
    """Read an HTML article, one record per paragraph, numbered from 1.

    The records carry article_code, paragraph_number, section_title and paragraph_text. The code of the
    article is the last part of the address it gives as its own (canonical link, else og:url). Raises
    UnreadableDelivery for a file that is no HTML, says no address or holds no text.
    """
    if path.stat().st_size > _SMALL:
        apart.require_openable(parsed, path, _MOST_SECONDS, _MOST_MEMORY, _UNREADABLE)
    document = _parse(path.read_bytes())
    code = _code_of(document)
    section: str | None = None
    number = 0
    for is_heading, text in _texts(document):
        if is_heading:
            section = text
            continue
        number += 1
        values = {
            "article_code": code,
            "paragraph_number": str(number),
            "section_title": section,
            "paragraph_text": text,
        }
        yield Record(f"§{number}", "data", values, text)
    if number == 0:
        raise UnreadableDelivery("l’article", "aucun paragraphe", "du texte")


def _parse(content: bytes) -> etree._Element:
    # A declared encoding is believed; without one, UTF-8 when it decodes and Latin-1 otherwise.
    declared = re.search(rb"<meta[^>]+charset|<\?xml[^>]+encoding", content[:4096], re.IGNORECASE)
    encoding = None if declared else _encoding_of(content)
    parser = html.HTMLParser(encoding=encoding, no_network=True, remove_comments=True, remove_pis=True)
    try:
        document = html.document_fromstring(content, parser=parser)
    except (etree.ParserError, ValueError) as error:
        raise UnreadableDelivery("le fichier", "un contenu illisible", "une page HTML") from error
    if not re.search(rb"<(?:!doctype|html|body|p|div|article)\b", content, re.IGNORECASE):
        raise UnreadableDelivery("le fichier", "aucune balise HTML", "une page HTML")
    return document


def _encoding_of(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _code_of(document: etree._Element) -> str:
    for query in ("//link[@rel='canonical']/@href", "//meta[@property='og:url']/@content"):
        for address in document.xpath(query):
            last = urlsplit(str(address)).path.rstrip("/").rpartition("/")[2]
            if _CODE.fullmatch(last):
                return last.removesuffix(".html")
    raise UnreadableDelivery("l’en-tête de la page", "aucune adresse", _ADDRESS)


def _texts(element: etree._Element) -> Iterator[tuple[bool, str]]:
    """Give headings (True) and paragraphs (False) in reading order."""
    gathered: list[str] = []
    for piece in _pieces(element):
        if isinstance(piece, str):
            gathered.append(piece)
            continue
        yield from _closed(gathered, is_heading=False)
        gathered = []
        if piece.tag in _HEADINGS:
            yield from _closed(_inline(piece), is_heading=True)
        elif piece.tag == "tr":  # a row makes sense as a whole, a cell seldom does
            cells = ("".join(_inline(cell)).strip() for cell in piece)
            yield from _closed(" | ".join(cells), is_heading=False)
        else:
            yield from _texts(piece)
    yield from _closed(gathered, is_heading=False)


def _pieces(element: etree._Element) -> Iterator[str | etree._Element]:
    """Give the text of a block and, in its place, each block or heading inside it."""
    if element.text:
        yield element.text
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _LEFT_OUT:
            pass
        elif child.tag in _BLOCKS or child.tag in _HEADINGS:
            yield child
        elif child.tag == "br":
            yield "\n"
        else:
            yield from _pieces(child)
        if child.tail:
            yield child.tail


def _inline(element: etree._Element) -> Iterator[str]:
    for piece in _pieces(element):
        yield piece if isinstance(piece, str) else " " + "".join(_inline(piece))


def _closed(gathered: Iterable[str], *, is_heading: bool) -> Iterator[tuple[bool, str]]:
    text = _WHITE_SPACE.sub(" ", "".join(gathered)).strip(" ")
    if not _NOTHING.fullmatch(text):
        yield is_heading, text
