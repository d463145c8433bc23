"""Receiving: what lands where when a publication arrives well, badly, again, or not at all."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingestion import archive, deliveries, fetch, ledger, load, read, settings
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.fetch import CollectError, http, inbox, whole
from ingestion.read import json as json_reader
from tests.warehouse.demo import Demo, contract_document, write_contract
from tests.warehouses import Warehouse

GOOD = b"data;EDU;2016;1\n"
OTHER = b"data;EDU;2016;2\n"


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    declared_length: int | None = None  # when it is not that of the body
    pause: float = 0.0  # seconds before the body's last byte


class Publisher:
    """A real server on loopback: each path answers from its list, the last answer again and again."""

    def __init__(self) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                publisher.requests.append((self.path, dict(self.headers)))
                listed = publisher.answers.get(self.path, [Answer(status=404)])
                with contextlib.suppress(ConnectionError):  # whoever asked has given up waiting
                    publisher.send(self, listed.pop(0) if len(listed) > 1 else listed[0])

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if answer.headers.get("ETag", "?") == handler.headers.get("If-None-Match"):
            answer = Answer(status=304)
        length = len(answer.body) if answer.declared_length is None else answer.declared_length
        handler.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(length)}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(answer.body[:-1])
        handler.wfile.flush()
        time.sleep(answer.pause)
        handler.wfile.write(answer.body[-1:])
        handler.close_connection = True

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    server = Publisher()
    monkeypatch.setenv("PONAM_ADDRESS_DEMO", f"{server.address}/demo")
    monkeypatch.setenv("PONAM_HTTP_READ_SECONDS", "0.3")
    monkeypatch.setenv("PONAM_HTTP_ATTEMPTS", "3")
    monkeypatch.setenv("PONAM_HTTP_FIRST_PAUSE_SECONDS", "0.01")
    monkeypatch.setenv("PONAM_HTTP_LARGEST_BODY_BYTES", "1000")
    yield server
    server.close()


@pytest.fixture
def pulled(demo: Demo, publisher: Publisher) -> Callable[..., list[int]]:
    """Collect `demo.series`, whose one address answers as given."""
    document = contract_document("demo.series")
    write_contract({**document, "delivery": {**document["delivery"], "addresses": [{"path": "series.txt"}]}})

    def pull(*answers: Answer) -> list[int]:
        publisher.answers["/demo/series.txt"] = list(answers)
        return fetch.collect(demo.contract("demo.series"), demo.db)

    return pull


def outcomes(db: Connection) -> list[tuple[str, int | None]]:
    return db.execute("select outcome, http_status from meta.fetches order by fetch_id").fetchall()


def archived() -> list[Path]:
    return [file for file in settings.archive().rglob("*") if file.is_file()]


# --- HTTP ----------------------------------------------------------------------------------------------


def test_a_publication_is_archived_and_written_in_the_ledger(
    demo: Demo, pulled: Callable[..., list[int]], publisher: Publisher
) -> None:
    published = "Fri, 31 Mar 2017 23:30:00 GMT"
    (delivery_id,) = pulled(Answer(GOOD, headers={"Last-Modified": published, "ETag": '"1"'}))
    sha256 = hashlib.sha256(GOOD).hexdigest()
    address = f"{publisher.address}/demo/series.txt"
    assert demo.one(
        """select edition, sha256, byte_size, file_name, address, published_on, published_on_origin, status
             from meta.deliveries where delivery_id = %s""",
        delivery_id,
    ) == ("2017-03-31", sha256, 16, "series.txt", address, datetime.date(2017, 3, 31), "http", "received")
    (file,) = archived()
    assert file.relative_to(settings.archive()).as_posix() == (
        f"demo.series/{sha256[:2]}/{sha256}__series.txt"
    )
    assert file.read_bytes() == GOOD
    assert outcomes(demo.db) == [("new", 200)]
    assert load.load(delivery_id, demo.db).rows_staged == 1


@pytest.mark.parametrize(
    ("answer", "requests", "status", "message"),
    [
        (Answer(status=404), 1, 404, "answered 404"),
        (Answer(status=403), 1, 403, "answered 403"),
        (Answer(status=500), 3, 500, "answered 500"),
        (Answer(status=503), 3, 503, "answered 503"),
        (Answer(status=206, body=GOOD), 1, 206, "answered 206"),
        (Answer(GOOD, pause=0.6), 3, None, "timed out"),
        (Answer(GOOD[:8], declared_length=len(GOOD)), 3, None, "peer closed connection"),
        (Answer(b"x" * 1001), 1, 200, "more than 1000 bytes"),
        (
            Answer(status=302, headers={"Location": "http://127.0.0.2/x"}),
            1,
            302,
            "redirected to another host",
        ),
        (Answer(status=302, headers={"Location": "/demo/series.txt"}), 4, 302, "more than 3 redirections"),
    ],
)
def test_a_bad_answer_leaves_no_delivery_and_no_file_but_a_line_in_the_ledger(
    demo: Demo,
    pulled: Callable[..., list[int]],
    publisher: Publisher,
    answer: Answer,
    requests: int,
    status: int | None,
    message: str,
) -> None:
    with pytest.raises(CollectError, match=message):
        pulled(answer)
    assert len(publisher.requests) == requests
    assert outcomes(demo.db) == [("error", status)]
    assert message in demo.one("select error from meta.fetches")
    assert demo.one("select count(*) from meta.deliveries") == 0
    assert archived() == []


@pytest.mark.parametrize(
    "passing", [Answer(status=500), Answer(GOOD, pause=0.6), Answer(GOOD[:8], 200, {}, 16)]
)
def test_a_failure_that_passes_is_retried(
    demo: Demo, pulled: Callable[..., list[int]], passing: Answer
) -> None:
    (delivery_id,) = pulled(passing, passing, Answer(GOOD))
    assert outcomes(demo.db) == [("new", 200)]
    assert demo.one("select byte_size from meta.deliveries where delivery_id = %s", delivery_id) == 16


def test_nobody_listening_is_an_error_of_the_collection(
    demo: Demo, pulled: Callable[..., list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PONAM_ADDRESS_DEMO", "http://127.0.0.1:9")
    with pytest.raises(CollectError, match="Connection refused"):
        pulled()
    assert outcomes(demo.db) == [("error", None)]


def test_a_redirection_on_the_same_host_is_followed(
    demo: Demo, pulled: Callable[..., list[int]], publisher: Publisher
) -> None:
    publisher.answers["/elsewhere"] = [Answer(GOOD)]
    pulled(Answer(status=301, headers={"Location": "/elsewhere"}))
    assert outcomes(demo.db) == [("new", 200)]


@pytest.mark.parametrize(
    ("target", "is_followed"),
    [
        ("https://example.org/x.csv", True),
        ("https://example.org:8443/x.csv", False),
        ("https://example.com/x.csv", False),
        ("https://example.org@example.com/x.csv", False),
        ("ftp://example.org/x.csv", False),
    ],
)
def test_a_redirection_to_the_same_host_encrypted_is_followed(target: str, is_followed: bool) -> None:
    """No server of a test can have the ports 80 and 443: the client is the real one, the wire is not."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.scheme == "http":
            return httpx.Response(301, headers={"Location": target})
        return httpx.Response(200, content=iter([GOOD]))

    with httpx.Client(transport=httpx.MockTransport(answer)) as client, io.BytesIO() as body:
        request = client.build_request("GET", "http://example.org/x.csv")
        stays = (
            contextlib.nullcontext()
            if is_followed
            else pytest.raises(http.FAILURES, match=r"another host|ftp")
        )
        with stays:
            http.download(client, request, body, settings.http_limits())
        assert body.getvalue() == (GOOD if is_followed else b"")


def test_what_the_disk_refuses_is_an_error_of_one_address(
    demo: Demo, publisher: Publisher, warehouse: Warehouse
) -> None:
    publisher.answers |= {"/demo/series.txt": [Answer(GOOD)], "/demo/2020.txt": [Answer(OTHER)]}
    folder = warehouse.archive / "demo.series" / hashlib.sha256(GOOD).hexdigest()[:2]
    folder.parent.mkdir(parents=True)
    folder.write_bytes(b"where a folder should be")
    with pytest.raises(CollectError, match=r"series\.txt: .*File exists") as caught:
        fetch.collect(demo.contract("demo.series"), demo.db)
    assert len(caught.value.delivery_ids) == 1
    assert outcomes(demo.db) == [("error", None), ("new", 200)]


def test_addresses_with_one_file_name_have_each_what_the_contract_says_of_it(
    demo: Demo, publisher: Publisher, tmp_path: Path
) -> None:
    document = contract_document("demo.series")
    addresses = [
        {"path": f"{year}/t.csv", "edition": year, "published_on": f"{year}-03-31"} for year in (2016, 2017)
    ]
    write_contract({**document, "delivery": {**document["delivery"], "addresses": addresses}})
    publisher.answers |= {"/demo/2016/t.csv": [Answer(GOOD)], "/demo/2017/t.csv": [Answer(OTHER)]}
    fetch.collect(demo.contract("demo.series"), demo.db)
    assert [(one.edition, str(one.published_on)) for one in ledger.listed("demo.series", demo.db)] == [
        ("2016", "2016-03-31"),
        ("2017", "2017-03-31"),
    ]
    (sent := tmp_path / "t.csv").write_bytes(GOOD + OTHER)
    number = fetch.receive_file(demo.contract("demo.series"), sent, demo.db).delivery_id
    assert ledger.find(number, demo.db).published_on_origin == "fetched", "nobody said which of the two it is"


def test_the_same_bytes_again_are_no_second_delivery(demo: Demo, pulled: Callable[..., list[int]]) -> None:
    first = pulled(Answer(GOOD))
    assert pulled(Answer(GOOD)) == first, "still waiting to be loaded"
    load.load(first[0], demo.db)
    deliveries.accept(first[0], demo.db)
    assert pulled(Answer(GOOD)) == []
    assert [outcome for outcome, _ in outcomes(demo.db)] == ["new", "already_received", "already_received"]
    assert demo.one("select count(*) from meta.deliveries") == 1
    assert len(archived()) == 1


def test_the_same_edition_with_other_bytes_is_a_revision(
    demo: Demo, pulled: Callable[..., list[int]]
) -> None:
    day = {"Last-Modified": "Fri, 31 Mar 2017 08:00:00 GMT"}
    (first,) = pulled(Answer(GOOD, headers=day))
    assert pulled(Answer(OTHER, headers=day)) == [first, first + 1]
    assert demo.db.execute(
        "select edition, revision_of from meta.deliveries order by delivery_id"
    ).fetchall() == [("2017-03-31", None), ("2017-03-31", first)]
    assert outcomes(demo.db) == [("new", 200), ("revision", 200)]


def accept_all(demo: Demo, delivery_ids: list[int]) -> None:
    for delivery_id in delivery_ids:
        load.load(delivery_id, demo.db)
        deliveries.accept(delivery_id, demo.db)


@pytest.mark.parametrize("days", [(31, 31, 31), (30, 31, 30)], ids=["one edition", "dated as its file"])
def test_an_earlier_version_published_again_is_in_service_again(
    demo: Demo, pulled: Callable[..., list[int]], days: tuple[int, ...]
) -> None:
    for place, (body, day) in enumerate(zip((GOOD, OTHER, GOOD), days, strict=True)):
        dated = {"Last-Modified": f"Fri, {day} Mar 2017 08:00:00 GMT", "ETag": f'"{place % 2}"'}
        accept_all(demo, pulled(Answer(body, headers=dated)))
        if place == 0:
            as_first = demo.in_service("demo.series")
    assert demo.in_service("demo.series") == as_first
    first, other, again = ledger.listed("demo.series", demo.db)
    assert (again.sha256, again.archive_path) == (first.sha256, first.archive_path)
    assert again.revision_of == (other.delivery_id if days == (31, 31, 31) else first.delivery_id)
    assert again.published_on >= other.published_on
    for headers in (dated, {"Last-Modified": dated["Last-Modified"]}):  # and then every day the same
        assert pulled(Answer(GOOD, headers=headers)) == []
    assert [outcome for outcome, _ in outcomes(demo.db)][3:] == ["not_modified", "already_received"]
    assert len(archived()) == 2


def test_addresses_that_say_different_things_on_one_day_are_asked_every_day_in_vain(
    demo: Demo, publisher: Publisher
) -> None:
    day = {"Last-Modified": "Fri, 31 Mar 2017 08:00:00 GMT"}
    document = contract_document("demo.series")
    addresses = [{"path": "series.txt"}, {"path": "other.txt"}]
    write_contract({**document, "delivery": {**document["delivery"], "addresses": addresses}})
    publisher.answers["/demo/series.txt"] = [Answer(GOOD, headers=day)]
    publisher.answers["/demo/other.txt"] = [Answer(OTHER, headers=day)]
    for _ in range(3):
        fetch.collect(demo.contract("demo.series"), demo.db)
    assert [outcome for outcome, _ in outcomes(demo.db)] == ["new", "revision"] + ["already_received"] * 4


def test_a_file_sent_again_after_another_is_a_revision_and_one_of_its_own_day_is_not(
    demo: Demo, warehouse: Warehouse
) -> None:
    for name, content in (
        ("2017-01-31_projets.txt", GOOD),
        ("2017-01-31_corrige.txt", OTHER),
        ("2017-01-31_retabli.txt", GOOD),  # after the correction
        ("2017-01-31_retabli.txt", GOOD),  # and nothing between
        ("2016-01-31_ancien.txt", OTHER),  # of a day before all of them
    ):
        drop(warehouse, "demo.projects", name, content)
        fetch.collect(demo.contract(), demo.db)
    assert [outcome for outcome, _ in outcomes(demo.db)] == [
        *("new", "revision", "revision", "already_received", "already_received")
    ]


def test_what_did_not_change_is_not_sent_again(
    demo: Demo, pulled: Callable[..., list[int]], publisher: Publisher
) -> None:
    day = {"Last-Modified": "Fri, 31 Mar 2017 08:00:00 GMT"}
    pulled(Answer(GOOD, headers={**day, "ETag": '"1"'}))
    pulled(Answer(GOOD, headers={**day, "ETag": '"1"'}))
    pulled(Answer(OTHER, headers={**day, "ETag": '"2"'}))
    assert [headers.get("If-None-Match") for _, headers in publisher.requests] == [None, '"1"', '"1"']
    assert outcomes(demo.db) == [("new", 200), ("not_modified", 304), ("revision", 200)]


@pytest.mark.parametrize("harm", [lambda file: file.unlink(), lambda file: file.write_bytes(OTHER)])
def test_what_did_not_change_is_sent_again_when_the_archive_lost_or_altered_it(
    demo: Demo, pulled: Callable[..., list[int]], harm: Callable[[Path], object]
) -> None:
    answer = Answer(GOOD, headers={"ETag": '"1"'})
    (delivery_id,) = pulled(answer)
    (file,) = archived()
    file.chmod(0o644)
    harm(file)
    assert load.load(delivery_id, demo.db).status == "failed"
    assert pulled(answer) == [delivery_id]
    assert file.read_bytes() == GOOD
    assert load.load(delivery_id, demo.db).status == "loaded"
    pulled(answer)
    assert outcomes(demo.db) == [("new", 200), ("already_received", 200), ("not_modified", 304)]


PAGED = "/demo/country/MLI/indicator/X?format=json&per_page=2"


def paged(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> Contract:
    """A dataset whose address answers in pages, as the World Bank's API does."""
    monkeypatch.setattr(read, "READERS", {**read.READERS, "json": json_reader.read})
    monkeypatch.setenv("PONAM_HTTP_PAUSE_SECONDS", "0.01")
    document = contract_document("demo.series")
    columns = {"sector": "sector_code", "date": "period_code", "value": "value"}
    address = {"path": PAGED.removeprefix("/demo/")}
    write_contract(
        {
            **document,
            "delivery": {**document["delivery"], "addresses": [address]},
            "form": {"reader": "json", "options": {"columns": columns}},
        }
    )
    return demo.contract("demo.series")


def page_of(number: int, *years: int, total: int = 5) -> bytes:
    about = {"page": number, "pages": 3, "per_page": "2", "total": total}
    rows = [{"sector": "EDU", "date": str(year), "value": year / 10} for year in years]
    return json.dumps([about, rows]).encode()


def test_an_answer_in_pages_is_followed_and_is_one_delivery(
    demo: Demo, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = paged(demo, monkeypatch)
    pages = [page_of(1, 2016, 2017), page_of(2, 2018, 2019), page_of(3, 2020)]
    publisher.answers = {
        PAGED: [Answer(pages[0], headers={"ETag": '"1"'})],
        f"{PAGED}&page=2": [Answer(status=503), Answer(pages[1])],
        f"{PAGED}&page=3": [Answer(pages[2])],
    }
    [delivery_id] = fetch.collect(contract, demo.db)
    [file] = archived()
    assert file.read_bytes() == b"\n".join(pages), "each page is kept as it came"
    assert [path for path, _ in publisher.requests] == [
        PAGED,
        f"{PAGED}&page=2",
        f"{PAGED}&page=2",
        f"{PAGED}&page=3",
    ]
    report = load.load(delivery_id, demo.db)
    assert (report.records_read, report.rows_staged) == (5, 5)
    assert demo.one("select record_locator from staging.demo__series where period_code = '2019'") == "p.2 #2"
    # The tag of the first page says nothing of the others: all are asked again, and are the same bytes.
    fetch.collect(contract, demo.db)
    assert [outcome for outcome, _ in outcomes(demo.db)] == ["new", "already_received"]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (Answer(page_of(2, 2018, 2019, total=6)), "page 2 is not of the same answer as page 1"),
        (Answer(page_of(1, 2016, 2017)), "page 2 is not of the same answer as page 1"),
        (Answer(b"<html>"), "page 2 is not of the same answer as page 1"),
        (Answer(status=404), "answered 404"),
        (Answer(page_of(2, *range(1900, 1919))), "more than 1000 bytes"),
    ],
)
def test_pages_that_do_not_belong_together_are_no_delivery(
    demo: Demo, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, second: Answer, message: str
) -> None:
    contract = paged(demo, monkeypatch)
    publisher.answers = {PAGED: [Answer(page_of(1, 2016, 2017))], f"{PAGED}&page=2": [second]}
    with pytest.raises(CollectError, match=message):
        fetch.collect(contract, demo.db)
    assert archived() == []


def test_one_address_that_fails_does_not_stop_the_other(demo: Demo, publisher: Publisher) -> None:
    publisher.answers["/demo/2020.txt"] = [Answer(GOOD)]
    with pytest.raises(CollectError, match=r"series\.txt: answered 404") as caught:
        fetch.collect(demo.contract("demo.series"), demo.db)
    assert demo.one("select delivery_id, edition from meta.deliveries") == (
        caught.value.delivery_ids[0],
        "2020",
    )
    assert outcomes(demo.db) == [("error", 404), ("new", 200)]


def test_a_source_is_collected_whole_before_the_error_is_raised(
    demo: Demo, publisher: Publisher, warehouse: Warehouse
) -> None:
    drop(warehouse, "demo.projects", "projects.txt", GOOD)
    publisher.answers["/demo/2020.txt"] = [Answer(OTHER)]
    with pytest.raises(CollectError, match=r"demo\.series: ") as caught:
        fetch.collect_source("demo", demo.db)
    assert len(caught.value.delivery_ids) == 2


# --- the inbox -----------------------------------------------------------------------------------------


def drop(warehouse: Warehouse, dataset: str, name: str, content: bytes) -> Path:
    folder = warehouse.inbox / dataset
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(content)
    return file


def test_a_file_sent_is_taken_from_the_inbox_once_it_is_in_the_ledger(
    demo: Demo, warehouse: Warehouse
) -> None:
    file = drop(warehouse, "demo.projects", "2017-08-31_projets.txt", GOOD)
    (delivery_id,) = fetch.collect(demo.contract(), demo.db)
    assert not file.exists()
    assert demo.one(
        "select address, edition, published_on_origin from meta.deliveries where delivery_id = %s",
        delivery_id,
    ) == ("inbox:2017-08-31_projets.txt", "2017-08-31", "file_name")
    assert fetch.collect(demo.contract(), demo.db) == [delivery_id]


def test_a_file_sent_again_leaves_the_inbox_too(demo: Demo, warehouse: Warehouse) -> None:
    for _ in range(2):
        file = drop(warehouse, "demo.projects", "projets.txt", GOOD)
        fetch.collect(demo.contract(), demo.db)
        assert not file.exists()
    assert [outcome for outcome, _ in outcomes(demo.db)] == ["new", "already_received"]


def test_a_crash_after_the_ledger_and_before_the_removal_does_no_harm(
    demo: Demo, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = drop(warehouse, "demo.projects", "projets.txt", GOOD)
    with monkeypatch.context() as crash:
        crash.setattr(Path, "unlink", _killed)
        with pytest.raises(KeyboardInterrupt):
            fetch.collect(demo.contract(), demo.db)
    assert file.exists()
    (delivery_id,) = fetch.collect(demo.contract(), demo.db)
    assert not file.exists()
    assert demo.one("select count(*) from meta.deliveries") == 1
    assert load.load(delivery_id, demo.db).status == "loaded"


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def _overwritten(file: Path, corrected: Path) -> None:
    file.write_bytes(corrected.read_bytes())


@pytest.mark.parametrize("save", [lambda file, corrected: corrected.replace(file), _overwritten])
def test_a_file_saved_anew_under_the_name_of_the_one_being_taken_is_taken_next(
    demo: Demo,
    warehouse: Warehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    save: Callable[[Path, Path], object],
) -> None:
    file = drop(warehouse, "demo.projects", "projets.txt", GOOD)
    (corrected := tmp_path / "corrected.txt").write_bytes(OTHER)  # as many bytes
    facts = file.stat()
    os.utime(corrected, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    def received(*arguments: Any) -> deliveries.Reception:
        reception = deliveries.receive(*arguments)
        save(file, corrected)
        return reception

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(inbox, "receive", received)
        [first] = fetch.collect(demo.contract(), demo.db)
    assert file.read_bytes() == OTHER, "nobody read it yet"
    assert fetch.collect(demo.contract(), demo.db) == [first, first + 1]
    assert not file.exists()


def test_a_file_being_copied_is_left_until_it_stands_still(
    demo: Demo, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PONAM_INBOX_QUIET_SECONDS", "0.3")
    file = drop(warehouse, "demo.projects", "projets.txt", GOOD)
    copying = threading.Event()

    def copy() -> None:
        while not copying.wait(0.05):
            with file.open("ab") as stream:
                stream.write(OTHER)

    copier = threading.Thread(target=copy)
    copier.start()
    try:
        assert fetch.collect(demo.contract(), demo.db) == []
    finally:
        copying.set()
        copier.join()
    assert outcomes(demo.db) == [("unstable", None)]
    assert file.exists()
    whole = file.stat().st_size
    (delivery_id,) = fetch.collect(demo.contract(), demo.db)
    assert demo.one("select byte_size from meta.deliveries where delivery_id = %s", delivery_id) == whole


def test_a_file_that_somebody_has_open_to_write_is_not_taken_however_long_it_stands_still(
    demo: Demo, warehouse: Warehouse
) -> None:
    file = drop(warehouse, "demo.projects", "projets.txt", GOOD)
    with file.open("ab") as slow:
        assert fetch.collect(demo.contract(), demo.db) == []
        with pytest.raises(whole.UnstableFileError, match=r"projets\.txt is still being written"):
            fetch.receive_file(demo.contract(), file, demo.db)
        slow.write(b"data;HEA;2016;3\n")
    assert outcomes(demo.db) == [("unstable", None)]
    [delivery_id] = fetch.collect(demo.contract(), demo.db)
    assert load.load(delivery_id, demo.db).records_read == 2


def test_a_file_opened_again_while_it_is_taken_is_not_removed(
    demo: Demo, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = drop(warehouse, "demo.projects", "projets.txt", GOOD)
    late = []

    def received(*arguments: Any) -> deliveries.Reception:
        late.append(file.open("ab"))
        return deliveries.receive(*arguments)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(inbox, "receive", received)
        [first] = fetch.collect(demo.contract(), demo.db)
    with late[0] as slow:
        slow.write(b"data;HEA;2016;3\n")
    assert fetch.collect(demo.contract(), demo.db) == [first, first + 1]
    assert not file.exists()


def test_of_two_files_for_one_day_the_one_saved_last_is_the_newer(demo: Demo, warehouse: Warehouse) -> None:
    drop(warehouse, "demo.projects", "2017-08-31_projets.txt", GOOD)
    os.utime(drop(warehouse, "demo.projects", "2017-08-31_projets (2).txt", OTHER), (2e9, 2e9))
    fetch.collect(demo.contract(), demo.db)
    names = demo.db.execute("select file_name from meta.deliveries order by delivery_id").fetchall()
    assert names == [("2017-08-31_projets.txt",), ("2017-08-31_projets (2).txt",)]


@pytest.mark.parametrize(
    "name", [".hidden", "~$projets.xlsx", "projets.txt.part", "projets.tmp", "projets.txt~"]
)
def test_what_programs_leave_behind_is_no_delivery(demo: Demo, warehouse: Warehouse, name: str) -> None:
    file = drop(warehouse, "demo.projects", name, GOOD)
    assert fetch.collect(demo.contract(), demo.db) == []
    assert file.exists()
    assert outcomes(demo.db) == []


def test_links_pipes_folders_and_giants_are_refused_and_the_rest_is_taken(
    demo: Demo, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PONAM_HTTP_LARGEST_BODY_BYTES", "1000")
    secret = tmp_path / "secret.txt"
    secret.write_bytes(OTHER)
    drop(warehouse, "demo.projects", "giant.txt", b"x" * 1001)
    folder = warehouse.inbox / "demo.projects"
    (folder / "link.txt").symlink_to(secret)
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    drop(warehouse, "demo.projects", "projets.txt", GOOD)
    with pytest.raises(CollectError) as caught:
        fetch.collect(demo.contract(), demo.db)
    assert sorted(caught.value.errors) == [
        "demo.projects: inbox:folder: not a plain file",
        "demo.projects: inbox:giant.txt: 1001 bytes, more than the 1000 allowed",
        "demo.projects: inbox:link.txt: a symbolic link, not a file",
        "demo.projects: inbox:pipe: not a plain file",
    ]
    assert secret.exists()
    assert demo.one("select address from meta.deliveries") == "inbox:projets.txt"


def test_a_folder_that_is_a_link_is_refused(demo: Demo, warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "projets.txt").write_bytes(GOOD)
    warehouse.inbox.mkdir(exist_ok=True)
    (warehouse.inbox / "demo.projects").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CollectError, match="is a symbolic link"):
        fetch.collect(demo.contract(), demo.db)
    assert demo.one("select count(*) from meta.deliveries") == 0


def test_a_folder_that_cannot_be_read_stops_no_other(
    demo: Demo, warehouse: Warehouse, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.answers |= {"/demo/2020.txt": [Answer(GOOD)], "/demo/series.txt": [Answer(OTHER)]}
    drop(warehouse, "demo.projects", "projets.txt", GOOD)
    listed = Path.iterdir

    def denied(folder: Path) -> Iterator[Path]:  # whoever runs the tests may read everything
        if folder.name == "demo.projects":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(CollectError) as caught:
        fetch.collect_source("demo", demo.db)
    assert caught.value.errors == ["demo.projects: demo.projects cannot be read: Permission denied"]
    assert len(caught.value.delivery_ids) == 2


def test_a_name_that_is_no_text_is_kept_readable(demo: Demo, warehouse: Warehouse) -> None:
    drop(warehouse, "demo.projects", os.fsdecode(b"projets_r\xe9insertion.txt"), GOOD)
    assert len(fetch.collect(demo.contract(), demo.db)) == 1
    assert demo.one("select file_name, address from meta.deliveries") == (
        "projets_r\ufffdinsertion.txt",
        "inbox:projets_r_insertion.txt",
    )


def test_an_empty_file_is_left_until_it_is_filled(demo: Demo, warehouse: Warehouse) -> None:
    file = drop(warehouse, "demo.projects", "projets.txt", b"")
    with pytest.raises(CollectError, match=r"inbox:projets\.txt: an empty file, 0 bytes"):
        fetch.collect(demo.contract(), demo.db)
    assert file.exists()
    file.write_bytes(GOOD)
    assert len(fetch.collect(demo.contract(), demo.db)) == 1


def test_a_folder_that_no_dataset_has_is_said_and_left(
    demo: Demo, warehouse: Warehouse, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    publisher.answers |= {"/demo/2020.txt": [Answer(GOOD)], "/demo/series.txt": [Answer(OTHER)]}
    misspelt = drop(warehouse, "demo.project", "projets.txt", GOOD)
    unknown = drop(warehouse, "demos.projects", "projets.txt", GOOD)
    loose = warehouse.inbox / "demo.xlsx"
    loose.write_bytes(GOOD)
    (warehouse.inbox / "demo.old").mkdir()
    with pytest.raises(CollectError) as caught:
        fetch.collect_source("demo", demo.db)
    assert caught.value.errors == [
        f"demo: inbox:{name}: not a folder of a dataset; there are demo.projects, demo.series"
        for name in ("demo.project", "demo.xlsx")
    ]
    assert "inbox:demos.projects belongs to no source; there are demo" in caplog.text
    assert all(file.exists() for file in (misspelt, unknown, loose))
    assert len(caught.value.delivery_ids) == 2, "the rest was collected all the same"


@pytest.mark.parametrize(
    "name", ["..\\..\\etc\\passwd.txt", "a;rm -rf ~.txt", "$(id).txt", "%2e%2e%2fx.txt", "..."]
)
def test_a_name_with_tricks_stays_below_the_archive(demo: Demo, warehouse: Warehouse, name: str) -> None:
    file = drop(warehouse, "demo.projects", name, GOOD)
    found = fetch.collect(demo.contract(), demo.db)
    if name.startswith("."):
        assert (found, file.exists()) == ([], True)
        return
    assert not file.exists()
    [path] = archived()
    assert path.resolve().is_relative_to(warehouse.archive.resolve())
    assert demo.one("select file_name from meta.deliveries") == name


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("2999-01-01_projets.txt", "dated 2999-01-01"),
        ("2018-02-30_projets.txt", "begins like a date"),
        ("2018-3-1_projets.txt", "begins like a date"),
        ("31-03-2018 projets.txt", "begins like a date"),
        ("20180331.txt", "begins like a date"),
        ("2018-03-311_projets.txt", "begins like a date"),
    ],
)
def test_a_name_that_is_dated_amiss_is_refused(
    demo: Demo, warehouse: Warehouse, name: str, message: str
) -> None:
    file = drop(warehouse, "demo.projects", name, GOOD)
    with pytest.raises(CollectError, match=f"{message}.*begin the name with the day of publication, 2018-03"):
        fetch.collect(demo.contract(), demo.db)
    assert file.exists()


@pytest.mark.parametrize(
    ("name", "day", "said"),
    [
        ("2018-03-31_projets.txt", "2018-03-31", "published on 2018-03-31 (from its name)"),
        ("2018-03-31.txt", "2018-03-31", "published on 2018-03-31 (from its name)"),
        ("2013-2016 projets.txt", None, "(the day of reception, for its name begins with none"),
        ("projets.txt", None, "(the day of reception, for its name begins with none"),
    ],
)
def test_the_day_of_publication_that_is_taken_is_said(
    demo: Demo, warehouse: Warehouse, caplog: pytest.LogCaptureFixture, name: str, day: str | None, said: str
) -> None:
    caplog.set_level("INFO")
    drop(warehouse, "demo.projects", name, GOOD)
    fetch.collect(demo.contract(), demo.db)
    today = datetime.datetime.now(datetime.UTC).date()
    expected = datetime.date.fromisoformat(day) if day else today
    assert demo.one("select published_on from meta.deliveries") == expected
    assert said in caplog.text


# --- by hand, and the archive --------------------------------------------------------------------------


def test_a_file_given_by_hand_stays_where_it_is_and_has_the_edition_agreed_for_its_name(
    demo: Demo, tmp_path: Path
) -> None:
    file = tmp_path / "2020.txt"
    file.write_bytes(GOOD)
    reception = fetch.receive_file(demo.contract("demo.series"), file, demo.db)
    assert file.exists()
    assert reception.outcome == "new"
    assert demo.one("select edition, address from meta.deliveries") == ("2020", "hand:2020.txt")
    with pytest.raises(FileNotFoundError):
        fetch.receive_file(demo.contract("demo.series"), tmp_path / "none.txt", demo.db)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("Projets de réinsertion.xlsx", "Projets_de_r_insertion.xlsx"),
        ("a" * 200 + ".xlsx", "a" * 75 + ".xlsx"),
        ("..", "file"),
        ("x\x00\n;rm -rf.csv", "x_rm_-rf.csv"),
    ],
)
def test_names_in_the_archive_are_harmless(name: str, safe: str) -> None:
    assert archive.safe_name(name) == safe


def test_abandoned_copies_are_forgotten_after_a_day(demo: Demo) -> None:
    with archive.incoming() as stream:
        left = Path(stream.name).with_name("left")
        recent = Path(stream.name).with_name("recent")
    left.touch()
    recent.touch()
    os.utime(left, (0, 0))
    with archive.incoming():
        assert not left.exists()
        assert recent.exists()


def test_a_copy_that_another_process_has_just_done_with_stops_nobody(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = Path.iterdir
    monkeypatch.setattr(Path, "iterdir", lambda folder: [*listed(folder), folder / "gone"])
    with archive.incoming() as stream:
        assert Path(stream.name).exists()
