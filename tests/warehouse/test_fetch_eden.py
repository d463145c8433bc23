"""The EDEN portal, asked page after page: on the bundled server, and on one with the portal's bad days."""

from __future__ import annotations

import datetime
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from ipaddress import IPv4Address
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.publications.server import serve
from ingestion import contracts, fetch, load
from ingestion.contracts import Contract
from ingestion.db import Connection
from ingestion.fetch import CollectError

SECTORS = (
    b"<input type='radio' value='SR1' name='groupe_soussecteurs'>Comptes <input value='SR2' name='other'>"
)
OPTIONS = b"<option value=''>-</option><option value='DDDA1'>[A1] [Int\xe9rieur] [FCFA]</option>"
EXPORT = b"MALI\nCODE;LIBELLE;2015;2016;\nDDDA1;Int\xe9rieur;7 747,69;-;\n"


@contextmanager
def running(server: HTTPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Portal:
    """Answers each page from its list, the last answer again and again, and remembers what it was asked."""

    answers: dict[str, list[tuple[int, bytes]]] = field(
        default_factory=lambda: {
            "secteursDAO.php": [(200, SECTORS)],
            "variablesDAO.php": [(200, OPTIONS)],
            "exportRapport.php": [(200, EXPORT)],
        }
    )
    cut: list[int] = field(default_factory=list)
    """How many bytes to keep back of the next exports, after having declared them all."""
    asked: list[tuple[str, dict[str, str], float]] = field(default_factory=list)

    def server(self) -> HTTPServer:
        portal = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                page = self.path.rpartition("/")[2]
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                fields = {name: values[0] for name, values in form.items()}
                portal.asked.append((page, fields, time.monotonic()))
                listed = portal.answers[page]
                status, body = listed.pop(0) if len(listed) > 1 else listed[0]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                kept_back = portal.cut.pop(0) if portal.cut and page == "exportRapport.php" else 0
                self.wfile.write(body[: len(body) - kept_back])
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def pages(self) -> list[str]:
        return [page for page, _, _ in self.asked]


def eden(**export: Any) -> Contract:
    """The contract of `bceao.eden`, asking for one export."""
    asked = {"sector": "SR", "subsector": "SR1", "country": "D", "frequency": "A", "first_year": 2015}
    document = contracts.load("bceao.eden").model_dump()
    document["delivery"] = {**document["delivery"], "exports": [{**asked, "last_year": 2016, **export}]}
    return Contract.model_validate(document)


@pytest.fixture
def portal(db: Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    portal = Portal()
    monkeypatch.setenv("PONAM_HTTP_ATTEMPTS", "3")
    monkeypatch.setenv("PONAM_HTTP_FIRST_PAUSE_SECONDS", "0.01")
    monkeypatch.setenv("PONAM_HTTP_PAUSE_SECONDS", "0.05")
    with running(portal.server()) as port:
        monkeypatch.setenv("PONAM_ADDRESS_BCEAO", f"http://127.0.0.1:{port}/portal")
        yield portal


def ledger(db: Connection) -> list[tuple[Any, ...]]:
    return db.execute("select outcome, http_status from meta.fetches order by fetch_id").fetchall()


def test_the_bundled_export_comes_through_the_portal_s_own_pages(
    db: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(serve(0)) as port:
        monkeypatch.setenv("PONAM_ADDRESS_BCEAO", f"http://127.0.0.1:{port}/bceao")
        (delivery_id,) = fetch.collect(contracts.load("bceao.eden"), db)
        report = load.load(delivery_id, db)
        assert (report.records_read, report.rows_staged) == (14, 14)
        edition, address, published_on, file_name = (
            db.execute("select edition, address, published_on, file_name from meta.deliveries").fetchone()
            or ()
        )
        assert edition == "2024-09-30 SR1 D A"
        assert address == f"http://127.0.0.1:{port}/bceao/exportRapport.php#SR1-D-A"
        assert (published_on, file_name) == (datetime.date(2024, 9, 30), "eden_SR1_D_A.csv")
        # The same bytes again are no second delivery.
        fetch.collect(contracts.load("bceao.eden"), db)
        assert [outcome for outcome, _ in ledger(db)] == ["new", "already_received"]


@pytest.mark.parametrize(
    ("export", "years"),
    [({"first_year": 2012, "last_year": 2013}, 2), ({"series": ["DDDSR1015A0BP"], "last_year": None}, 9)],
)
def test_years_and_series_are_those_that_the_contract_asks_for(
    db: Connection, monkeypatch: pytest.MonkeyPatch, export: dict[str, Any], years: int
) -> None:
    with running(serve(0)) as port:
        monkeypatch.setenv("PONAM_ADDRESS_BCEAO", f"http://127.0.0.1:{port}/bceao")
        (delivery_id,) = fetch.collect(eden(**export), db)
        assert load.load(delivery_id, db).rows_staged == years


@pytest.mark.parametrize(
    ("frequency", "window"),
    [
        ("A", "2015*2016"),
        ("M", "1;2015*12;2016"),
        ("T", "1;2015*4;2016"),
        ("J", "1;1;2015*31;12;2016"),
    ],
)
def test_the_portal_is_asked_as_its_form_asks(
    db: Connection, portal: Portal, frequency: str, window: str
) -> None:
    fetch.collect(eden(frequency=frequency), db)
    assert [(page, fields) for page, fields, _ in portal.asked] == [
        ("secteursDAO.php", {"idSecteur": "SR"}),
        ("variablesDAO.php", {"idSousSecteur": "SR1", "idLocalite": ";D", "idFrequence": frequency}),
        (
            "exportRapport.php",
            {
                "paysUemoa": "D",
                "frequence": frequency,
                "export": "xcl",
                "parametre": f"{frequency}*DDDA1*{window}*1*l",
            },
        ),
    ]


def test_the_portal_is_never_asked_faster_than_agreed(
    db: Connection, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PONAM_HTTP_PAUSE_SECONDS", "0.5")
    fetch.collect(eden(frequency="A"), db)
    moments = [moment for _, _, moment in portal.asked]
    assert len(moments) == 3
    # Half of the pause: on a busy machine a request may be noticed later than it was sent.
    assert all(later - sooner >= 0.25 for sooner, later in pairwise(moments))


def test_many_series_come_in_several_deliveries(db: Connection, portal: Portal) -> None:
    codes = [f"DDDA{n}" for n in range(20)]
    portal.answers["variablesDAO.php"] = [(200, b"".join(b"<option value='%s'>" % c.encode() for c in codes))]
    lines = [f"{code};Libellé;{n};\n" for n, code in enumerate(codes)]
    exports = ["".join(lines[at : at + 8]) for at in (0, 8, 16)]
    head = "MALI\nCODE;LIBELLE;31/12/2015;\n"
    portal.answers["exportRapport.php"] = [(200, f"{head}{lines}".encode()) for lines in exports]
    deliveries = fetch.collect(eden(frequency="J"), db)
    assert [load.load(one, db).rows_staged for one in deliveries] == [8, 8, 4]
    assert len(set(db.execute("select edition from meta.deliveries").fetchall())) == 3


def test_a_passing_failure_of_any_page_is_asked_again(db: Connection, portal: Portal) -> None:
    for page, listed in portal.answers.items():
        portal.answers[page] = [(500, b"oops"), *listed]
    portal.cut = [0, 30]
    (delivery_id,) = fetch.collect(eden(), db)
    assert portal.pages() == ["secteursDAO.php"] * 2 + ["variablesDAO.php"] * 2 + ["exportRapport.php"] * 3
    assert load.load(delivery_id, db).records_read == 2


@pytest.mark.parametrize(
    ("page", "answer", "message", "requests"),
    [
        ("secteursDAO.php", (500, b""), "answered 500", 3),
        ("secteursDAO.php", (200, b""), "secteursDAO.php has no sub-sector SR1; it offers none", 1),
        ("secteursDAO.php", (200, b"<!-- -->"), "secteursDAO.php answered no page", 1),
        ("variablesDAO.php", (404, b""), "answered 404", 2),
        (
            "variablesDAO.php",
            (200, b"<option value='DDDB7'>"),
            "variablesDAO.php has no series DDDA1; it offers DDDB7",
            2,
        ),
        ("exportRapport.php", (503, b""), "answered 503", 5),
        ("exportRapport.php", (200, b"<html>Erreur</html>"), "exportRapport.php has no series DDDA1", 3),
        ("exportRapport.php", (200, EXPORT[:30]), "exportRapport.php has no series DDDA1", 3),
    ],
    ids=[
        "sectors down",
        "sub-sector gone",
        "only a comment",
        "variables gone",
        "token changed",
        "export down",
        "page of error",
        "cut before the series",
    ],
)
def test_what_the_portal_does_not_give_is_an_error_and_no_delivery(
    db: Connection, portal: Portal, page: str, answer: tuple[int, bytes], message: str, requests: int
) -> None:
    portal.answers[page] = [answer]
    with pytest.raises(CollectError, match=message):
        fetch.collect(eden(series=["DDDA1"]), db)
    assert len(portal.asked) == requests
    assert [outcome for outcome, _ in ledger(db)] == ["error"]
    assert db.execute("select count(*) from meta.deliveries").fetchone() == (0,)


def test_half_a_body_each_time_is_an_error(db: Connection, portal: Portal) -> None:
    portal.cut = [20, 20, 20]
    with pytest.raises(CollectError, match="peer closed connection"):
        fetch.collect(eden(), db)
    assert portal.pages().count("exportRapport.php") == 3


def test_one_export_that_fails_does_not_stop_the_others(db: Connection, portal: Portal) -> None:
    document = eden().model_dump()
    exports = document["delivery"]["exports"]
    document["delivery"] |= {"exports": [{**exports[0], "subsector": "SR9"}, exports[0]]}
    with pytest.raises(CollectError, match="SR9") as stopped:
        fetch.collect(Contract.model_validate(document), db)
    assert len(stopped.value.delivery_ids) == 1


# --- A server that does not send its intermediate certificate --------------------------------------------


@dataclass(frozen=True)
class Issued:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


def issue(name: str, by: Issued | None) -> Issued:
    """A certificate authority, or with the name `127.0.0.1` a server."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    signer = by.key if by else key
    now = datetime.datetime.now(datetime.UTC)
    is_server = name == "127.0.0.1"
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=not is_server, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if is_server:
        names = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(name))])
        builder = builder.add_extension(names, critical=False)
    else:
        usage = dict.fromkeys(
            (
                "digital_signature",
                "content_commitment",
                "key_encipherment",
                "data_encipherment",
                "key_agreement",
                "encipher_only",
                "decipher_only",
            ),
            False,
        )
        builder = builder.add_extension(
            x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True
        )
    return Issued(builder.sign(signer, hashes.SHA256()), key)


@pytest.fixture
def incomplete(portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A portal that sends its own certificate only; gives the file of the intermediate that it leaves out."""
    root = issue("Root", None)
    intermediate = issue("Intermediate", root)
    leaf = issue("127.0.0.1", intermediate)
    for name, content in (
        ("root.pem", root.pem()),
        ("intermediate.pem", intermediate.pem()),
        ("server.pem", leaf.pem() + leaf.key_pem()),
    ):
        (tmp_path / name).write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    server = portal.server()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with running(server) as port:
        monkeypatch.setenv("PONAM_ADDRESS_BCEAO", f"https://127.0.0.1:{port}/portal")
        yield tmp_path / "intermediate.pem"


def test_an_incomplete_chain_is_refused_at_once_and_the_message_names_the_setting(
    db: Connection, portal: Portal, incomplete: Path
) -> None:
    with pytest.raises(CollectError, match=r"CERTIFICATE_VERIFY_FAILED.*PONAM_CA_FILE_BCEAO"):
        fetch.collect(eden(), db)
    assert portal.asked == []
    assert len(ledger(db)) == 1


def test_the_intermediate_named_by_its_file_completes_the_chain(
    db: Connection, incomplete: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PONAM_CA_FILE_BCEAO", str(incomplete))
    (delivery_id,) = fetch.collect(eden(), db)
    assert load.load(delivery_id, db).rows_staged == 2


def test_the_intermediate_of_another_server_does_not_help(
    db: Connection, incomplete: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    incomplete.write_bytes(issue("Other", issue("Other root", None)).pem())
    monkeypatch.setenv("PONAM_CA_FILE_BCEAO", str(incomplete))
    with pytest.raises(CollectError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch.collect(eden(), db)


@pytest.mark.parametrize("prepare", [lambda path: path.unlink(), lambda path: path.write_text("no PEM")])
def test_a_file_of_certificates_that_cannot_be_read_is_a_setting_to_correct(
    db: Connection, incomplete: Path, monkeypatch: pytest.MonkeyPatch, prepare: Callable[[Path], object]
) -> None:
    prepare(incomplete)
    monkeypatch.setenv("PONAM_CA_FILE_BCEAO", str(incomplete))
    with pytest.raises(ValueError, match="PONAM_CA_FILE_BCEAO: no certificates"):
        fetch.collect(eden(), db)
