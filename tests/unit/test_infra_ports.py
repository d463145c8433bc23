import os
import socket

import pytest

from infra import ports
from infra.errors import InfraError


@pytest.fixture
def listener():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_is_refused_with_its_variable_and_its_holder(listener):
    with pytest.raises(InfraError) as refusal:
        ports.check_free("PONAM_AIRFLOW_PORT", listener)
    message = str(refusal.value)
    assert f"Port {listener} is taken" in message
    assert f"process {os.getpid()}" in message
    assert "PONAM_AIRFLOW_PORT" in message


def test_a_port_taken_on_every_address_is_taken_here_too():
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))  # noqa: S104 - what another program may do
        taken.listen()
        with pytest.raises(InfraError, match="is taken"):
            ports.check_free("PONAM_AIRFLOW_PORT", taken.getsockname()[1])


def test_the_last_words_of_a_service_that_has_ended_do_not_hold_its_port():
    with socket.socket() as service:
        service.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        service.bind(("127.0.0.1", 0))
        service.listen()
        port = service.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            service.accept()[0].close()  # closed by the service first: its side stays in TIME_WAIT
    ports.check_free("PONAM_AIRFLOW_PORT", port)
