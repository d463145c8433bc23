"""Somebody who uses Superset through its pages and its API, logged in as one of the three accounts."""

from __future__ import annotations

import re
from typing import Any

import httpx


class Visitor:
    """A logged-in session. `get`/`post` … return the response without following redirections."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self._http = httpx.Client(base_url=address, timeout=60, trust_env=False, headers={"Referer": address})
        page = self._http.get("/login/")
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token, "the login page has no CSRF token"
        self._http.headers["X-CSRFToken"] = token[1]
        answer = self._http.post(
            "/login/", data={"username": username, "password": password, "csrf_token": token[1]}
        )
        assert answer.is_redirect and "login" not in answer.headers["location"], f"{username} cannot log in"

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self._http.request(method, path, **options)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def result(self, path: str, **options: Any) -> Any:
        """The `result` of an API's answer, which must be a success."""
        answer = self.get(path, **options)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()["result"]
