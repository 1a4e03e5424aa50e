"""A browser that has loaded the form of a poster before it sends it, whatever else a test puts into it."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.installation import Installation
from engage.web import form_tokens
from engage.web.frame import new_key, now

_FORM = re.compile(r"/p/[^/]+(/[^/]+)?", re.IGNORECASE)


def is_form_of_poster(path: str) -> bool:
    """Whether what is sent to this path must carry a token."""
    return bool(_FORM.fullmatch(path.split("?", maxsplit=1)[0]))


def with_token(opened: Installation, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a form, with the key and token that its page would have given out."""
    key = fields.get("key") or new_key()
    return {"key": key, "form": form_tokens.new(opened.vault, key, now()), **fields}


class FormClient(FlaskClient):
    """Sends what a page's hidden fields hold where a test names them not; `data` with `form` goes as it is."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request."""
        path, fields = args[0] if args else kwargs.get("path"), kwargs.get("data")
        sends = kwargs.get("method") == "POST" and isinstance(path, str) and is_form_of_poster(path)
        if sends and isinstance(fields, dict) and "form" not in fields:
            kwargs["data"] = with_token(self.application.extensions["engage"], fields)
        return super().open(*args, **kwargs)
