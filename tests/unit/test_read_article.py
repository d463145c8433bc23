"""The reader of web articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.read import Record, UnreadableDelivery
from ingestion.read.article import read

HEAD = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><link rel="canonical" href="/a/218-bilan.html"></head>'
)


def records(tmp_path: Path, content: bytes) -> list[Record]:
    path = tmp_path / "article"
    path.write_bytes(content)
    return list(read(path))


def texts(tmp_path: Path, body: str) -> list[tuple[str | None, str | None]]:
    return [(r.values["section_title"], r.literal) for r in records(tmp_path, f"{HEAD}<body>{body}".encode())]


def test_paragraphs_are_numbered_under_their_sections(tmp_path: Path) -> None:
    body = "<p>Avant</p><h2>Titre <em>un</em></h2><p>Un</p><ul><li>Deux</li></ul><h3>Autre</h3><p>Trois</p>"
    found = records(tmp_path, f"{HEAD}<body>{body}</body></html>".encode())
    assert [record.locator for record in found] == ["§1", "§2", "§3", "§4"]
    assert found[1].values == {
        "article_code": "218-bilan",
        "paragraph_number": "2",
        "section_title": "Titre un",
        "paragraph_text": "Un",
    }
    assert [record.values["section_title"] for record in found] == [None, "Titre un", "Titre un", "Autre"]


def test_white_space_is_folded_but_for_the_no_break_spaces_of_numbers(tmp_path: Path) -> None:
    body = "<p>total\n  de 300&nbsp;601 889\t<b>FCFA</b>, du 19&nbsp; 23 mars</p>"
    assert texts(tmp_path, body) == [(None, "total de 300\u00a0601 889 FCFA, du 19\u00a0 23 mars")]


def test_what_a_person_does_not_read_is_left_out(tmp_path: Path) -> None:
    body = """<nav><p>Accueil</p></nav><p>Un<script>var x = "<p>999</p>";</script><!-- 888 --></p>
    <style>p {}</style><p>&nbsp;</p><p>•</p><noscript>777</noscript>suite<p>Deux<br>lignes</p>"""
    assert texts(tmp_path, body) == [(None, "Un"), (None, "suite"), (None, "Deux lignes")]


def test_a_block_inside_a_block_is_its_own_paragraph_and_a_table_row_is_one(tmp_path: Path) -> None:
    body = (
        "<div>Avant<p>Un</p>entre</div><table><tr><th>Secteur</th><td>154 <b>missions</b></td></tr></table>"
    )
    assert [text for _, text in texts(tmp_path, body)] == ["Avant", "Un", "entre", "Secteur | 154 missions"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_page_that_declares_no_encoding_is_decoded_all_the_same(tmp_path: Path, encoding: str) -> None:
    page = '<html><meta property="og:url" content="https://example.org/a/b/">'
    [record] = records(tmp_path, f"{page}<p>Éducation, 35 €</p>".encode(encoding))
    assert (record.literal, record.values["article_code"]) == ("Éducation, 35 €", "b")


def test_a_declared_encoding_is_believed(tmp_path: Path) -> None:
    page = HEAD.replace("utf-8", "iso-8859-1")
    [record] = records(tmp_path, f"{page}<p>Éducation".encode("iso-8859-1"))
    assert record.literal == "Éducation"


def test_nothing_outside_the_file_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    entity = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    found = records(tmp_path, f"{entity}{HEAD.removeprefix('<!DOCTYPE html>')}<p>avant &x; après".encode())
    assert "SECRET" not in "".join(record.literal or "" for record in found)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "contenu illisible"),
        (b"CODE;LIBELLE;2016", "aucune balise HTML"),
        (b"<html><body><p>Un</p>", "aucune adresse"),
        (HEAD.encode() + b"<body><script>1</script>", "aucun paragraphe"),
    ],
    ids=["empty", "csv", "no address", "no text"],
)
def test_what_is_no_article_is_refused(tmp_path: Path, content: bytes, found: str) -> None:
    with pytest.raises(UnreadableDelivery) as refusal:
        records(tmp_path, content)
    assert found in refusal.value.found


def test_a_page_cut_short_gives_what_it_holds(tmp_path: Path) -> None:
    assert texts(tmp_path, "<p>Un</p><p>Deux mo") == [(None, "Un"), (None, "Deux mo")]
