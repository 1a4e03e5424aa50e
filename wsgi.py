"""Where a WSGI server finds Engage."""

from engage import create_app

app = create_app()
