"""Agents meet a real broker on this machine, and nothing beyond it."""

import pytest
from pytest_socket import enable_socket, socket_allow_hosts


@pytest.fixture(autouse=True)
def loopback(socket_enabled: None) -> None:
    """Let these tests use the loopback interface, and no other."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1", "localhost", "::1", "0.0.0.0"])
