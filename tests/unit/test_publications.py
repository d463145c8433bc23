"""The bundled publications: reproducible, fit for their contracts, and arriving as from institutions."""

from __future__ import annotations

import csv
import hashlib
import http.client
import threading
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from infra.publications.build import COMPOSED, build
from infra.publications.inbox import drop_into_inbox
from infra.publications.manifest import FILES, HERE, Publication, publications
from infra.publications.server import serve
from ingestion import contracts
from ingestion.read import READERS, Record
from ingestion.read.transcription import located
from ingestion.rows import Row, Typing

PUBLICATIONS = {publication.path: publication for publication in publications()}
by_path = pytest.mark.parametrize("publication", publications(), ids=lambda one: one.path)


def records(publication: Publication) -> list[Record]:
    contract = contracts.load(publication.dataset)
    return list(READERS[contract.form.reader](publication.file, **contracts.reader_options(contract)))


def rows(publication: Publication) -> list[Row]:
    """The typed rows of a publication; figures of the ministry as held against its articles."""
    found = records(publication)
    if publication.dataset == "ministry.figures":
        place = ("article_code", "paragraph_number")
        paragraphs = {
            tuple(one.values[name] for name in place): one.literal
            for article in publications()
            if article.dataset == "ministry.articles"
            for one in records(article)
        }
        found = [located(one, paragraphs.get(tuple(one.values[name] for name in place))) for one in found]
    typing = Typing(contracts.load(publication.dataset))
    return [typing.row(record) for record in found]


def of_dataset(code: str) -> list[Row]:
    return [row for one in publications() if one.dataset == code for row in rows(one)]


def test_the_files_are_those_that_their_figures_give(tmp_path: Path) -> None:
    for path in build(tmp_path):
        assert (tmp_path / path).read_bytes() == (FILES / path).read_bytes(), f"{path}: build it again"


def test_the_manifest_lists_every_file_and_no_other() -> None:
    assert {path.relative_to(FILES).as_posix() for path in FILES.rglob("*") if path.is_file()} == set(
        PUBLICATIONS
    )
    assert set(COMPOSED) <= set(PUBLICATIONS)


def test_every_dataset_has_its_publications_where_its_contract_looks() -> None:
    for code, contract in contracts.all().items():
        bundled = [one for one in publications() if one.dataset == code]
        assert {one.arrives for one in bundled} <= {"sent" if contract.delivery.by == "inbox" else "pulled"}
        if contract.delivery.by == "http":
            addresses = {f"{contract.source}/{address.path}" for address in contract.delivery.addresses}
            assert {one.path for one in bundled} == addresses


@by_path
def test_every_record_of_a_publication_fits_its_contract(publication: Publication) -> None:
    found = rows(publication)
    assert [row for row in found if row.reason] == []
    contract = contracts.load(publication.dataset)
    keys = Counter(
        tuple(row.values[name] for name in contract.key) for row in found if row.record.kind != "note"
    )
    assert keys.most_common(1)[0][1] == 1
    lowest, highest = contract.expectations.rows
    assert lowest <= len(found) <= highest


@by_path
def test_every_publication_says_who_composed_it_and_the_readme_cites_it(publication: Publication) -> None:
    content = publication.file.read_bytes()
    if publication.path.endswith(".xls"):
        text = content.decode("latin-1")
    elif publication.path.endswith((".pdf", ".xlsx")):
        text = content.decode("latin-1") + content.decode("utf-8", errors="ignore")
    else:
        text = content.decode("utf-8")
    assert "par le projet PONAM" in text
    assert f"`{publication.path}`" in (HERE / "README.md").read_text(encoding="utf-8")


def test_files_composed_of_another_s_words_are_known_by_their_bytes() -> None:
    """Changed or composed anew, such a file would pass for a publication of the institution itself."""
    seed = HERE.parents[1] / "dbt_project" / "seeds" / "relayed_deliveries.csv"
    with seed.open(encoding="utf-8", newline="") as lines:
        relayed = {(row["dataset_code"], row["edition"]): row["sha256"] for row in csv.DictReader(lines)}
    institutions = {"bceao.bulletin", "ofii.reintegration_projects", "tokten.activities"}
    assert relayed == {
        (publication.dataset, publication.edition): hashlib.sha256(
            (FILES / publication.path).read_bytes()
        ).hexdigest()
        for publication in publications()
        if publication.dataset in institutions and "Ministère des Maliens" in publication.citation
    }


@pytest.mark.parametrize(
    ("period", "value", "status"),
    [
        ("2016", "483.3", "A"),
        ("2017", "497.7", "F"),
        ("2021", "586.1", "A"),
        ("2023", "583.5", "A"),
        ("2025", "619.7", "E"),
    ],
)
def test_remittances_are_those_that_the_bank_published(period: str, value: str, status: str) -> None:
    labels = ("Fonds reçus au Mali", "Dont transferts de fonds des migrants")
    found = [
        (row.values["value"], row.values["obs_status"])
        for row in of_dataset("bceao.bulletin")
        if row.values["item_label"] in labels and row.values["period_code"] == period
    ]
    assert found == [(Decimal(value), status)]


def test_the_parts_of_each_activity_add_up_to_its_total() -> None:
    for code, over in (("ofii.reintegration_projects", "funder_code"), ("tokten.activities", "sector_code")):
        parts: Counter[tuple[object, object]] = Counter()
        totals: dict[tuple[object, object], object] = {}
        for row in of_dataset(code):
            subject = (row.values.get("measure_code"), row.values.get("period_code"))
            if row.record.kind == "data":
                parts[subject] += row.values["value"]  # type: ignore[assignment,operator]
            elif row.record.kind == "total":
                assert row.values[over] == "_T"
                totals[subject] = row.values["value"]
        assert len(parts) >= 2
        assert {subject: totals[subject] for subject in parts} == parts


@pytest.mark.parametrize(
    ("measure", "value", "qualifier"),
    [
        ("deaths_mediterranean", "376", "="),
        ("housing_share", "14.81", "="),
        ("malians_abroad", "4000000", ">"),
        ("assisted_persons", "8000", "≈"),
        ("passports_issued", "19120", "="),
        ("tokten_trained", "10248", "="),
    ],
)
def test_the_ministry_s_figures_stand_in_its_article(measure: str, value: str, qualifier: str) -> None:
    found = [row for row in of_dataset("ministry.figures") if row.values["measure_code"] == measure]
    assert (found[0].values["value"], found[0].values["qualifier"]) == (Decimal(value), qualifier)
    assert found[0].record.locator.startswith("§")


@pytest.fixture
def port() -> Iterator[int]:
    with serve(0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def ask(port: int, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(
            method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


BULLETIN = "bceao/bulletin/2026-T1.pdf"


def test_a_publication_is_served_with_the_day_it_was_published(port: int) -> None:
    status, headers, body = ask(port, f"/{BULLETIN}")
    assert status == 200
    assert body == PUBLICATIONS[BULLETIN].file.read_bytes()
    assert headers["Last-Modified"] == "Tue, 30 Jun 2026 12:00:00 GMT"
    assert headers["Content-Type"] == "application/pdf"


def test_what_a_client_has_already_is_not_sent_again(port: int) -> None:
    _, headers, _ = ask(port, f"/{BULLETIN}")
    etag, modified = headers["ETag"], headers["Last-Modified"]
    assert ask(port, f"/{BULLETIN}", If_None_Match=f'"other", W/{etag}')[0::2] == (304, b"")
    assert ask(port, f"/{BULLETIN}", If_Modified_Since=modified)[0] == 304
    assert ask(port, f"/{BULLETIN}", If_None_Match='"other"', If_Modified_Since=modified)[0] == 200
    assert ask(port, f"/{BULLETIN}", If_Modified_Since="yesterday")[0] == 200


def test_the_head_of_a_publication_has_no_body(port: int) -> None:
    status, headers, body = ask(port, f"/{BULLETIN}", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == PUBLICATIONS[BULLETIN].file.stat().st_size


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/bceao/bulletin/2099.pdf",
        "/../manifest.yml",
        "/bceao/../../manifest.yml",
        "/%2e%2e/manifest.yml",
        "/ofii/reintegration_projects/2017-08-31_projets_de_reinsertion.xlsx",  # sent, never served
    ],
)
def test_nothing_else_can_be_asked_for(port: int, path: str) -> None:
    assert ask(port, path)[0] == 404


def test_sent_files_reach_the_inbox_once_per_state(tmp_path: Path) -> None:
    inbox, state = tmp_path / "inbox", tmp_path / "state"
    sent = {f"{one.dataset}/{one.file.name}": one for one in publications() if one.arrives == "sent"}
    dropped = drop_into_inbox(inbox, state)
    assert {f"{path.parent.name}/{path.name}": path.read_bytes() for path in dropped} == {
        name: one.file.read_bytes() for name, one in sent.items()
    }
    assert sorted(path for path in inbox.rglob("*") if path.is_file()) == sorted(dropped)
    for path in dropped:
        path.unlink()  # as when the warehouse has moved it to its archive
    assert drop_into_inbox(inbox, state) == []
    assert len(drop_into_inbox(inbox, tmp_path / "other state")) == len(sent)
