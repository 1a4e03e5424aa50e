"""What the first view of a poster's page costs, in Chromium: bytes and requests as sent, and the time on a slow phone.

`python -m bench.pages`. In each language it loads the page with an empty cache over simulated links (Chromium's own
throttling, with a processor four times slower): 2G with EDGE, and GPRS, which is five times slower. Beside it stand two
known peers by what their pages for a new report were found to weigh. Seconds count until the page looks as it should
and words can be written in it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, sync_playwright

from bench.intake import served
from engage.installation import open_installation
from engage.languages import LANGUAGES
from tests import make
from tests.durability.server import environment_of
from tests.servers import free_port

#: Milliseconds there and back, and bytes a second down and up.
EDGE, GPRS = (300, 31_250, 6_250), (500, 6_250, 2_500)
SLOWER = 4
SLOWEST = 3.0
ALLOWED = 14_000
#: Bytes (compressed) and requests of peers' pages for a new report.
PEERS = (("django-helpdesk", 186_000, 13), ("Hush Line", 356_000, 14))


@dataclass(slots=True)
class View:
    """What one loading of a page took: bytes with their headers, requests, and seconds until one can write and send."""

    size: int = 0
    requests: int = 0
    needed: int = 0
    began: float = field(default_factory=time.perf_counter)
    seconds: float = 0.0


def load(browser: Browser, address: str, link: tuple[int, int, int], *, scripts: bool = True) -> View:
    """Load a page with nothing in the cache. `needed` are the bytes of all but scripts, which come after the view."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=scripts)
    page, view = context.new_page(), View()
    wire = context.new_cdp_session(page)
    kinds = _listen(wire, view)
    latency, down, up = link
    limits = {"offline": False, "latency": latency, "downloadThroughput": down, "uploadThroughput": up}
    wire.send("Network.emulateNetworkConditions", limits)
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    view.began = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator("#text").fill("x")
    view.seconds = max(view.seconds, time.perf_counter() - view.began)
    page.wait_for_load_state("networkidle")
    view.requests = len(kinds)
    context.close()
    return view


def _listen(wire: CDPSession, view: View) -> dict[str, str]:
    kinds: dict[str, str] = {}

    def asked(event: dict[str, object]) -> None:
        request = event["request"]
        assert isinstance(request, dict)
        if not str(request["url"]).startswith("data:"):
            kinds[str(event["requestId"])] = str(event.get("type"))

    def came(event: dict[str, object]) -> None:
        size = int(str(event["encodedDataLength"]))
        kind = kinds.get(str(event["requestId"]))
        view.size += size if kind else 0
        if kind in ("Document", "Stylesheet"):
            view.needed += size
            view.seconds = max(view.seconds, time.perf_counter() - view.began)

    wire.send("Network.enable")
    wire.on("Network.requestWillBeSent", asked)
    wire.on("Network.loadingFinished", came)
    return kinds


def _measure(browser: Browser, address: str) -> list[View]:
    print(f"{'page':26} {'bytes':>8} {'first view':>11} {'requests':>9} {'2G, s':>7} {'GPRS, s':>8}")
    views = []
    for name in (*LANGUAGES, "scripts blocked"):
        asked = f"{address}?lang={name}" if name in LANGUAGES else address
        view, slowest = (load(browser, asked, link, scripts=name in LANGUAGES) for link in (EDGE, GPRS))
        views.append(view)
        figures = f"{view.size:8,} {view.needed:11,} {view.requests:9} {view.seconds:7.2f} {slowest.seconds:8.2f}"
        print(f"Engage, {name:18} {figures}")
    largest = max(view.size for view in views)
    for peer, size, requests in PEERS:
        print(f"{peer:26} {size:8,} {'':11} {requests:9}   {size / largest:.0f} times as heavy")
    return views


def main() -> None:
    """Print the figures; exit code 1 where a page is heavier or slower than it may be."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory(prefix="engage-bench-") as folder, sync_playwright() as driver:
        port = free_port()
        settings = make.settings(data_dir=Path(folder), public_url=f"http://127.0.0.1:{port}")
        make.migrated(settings)
        opened = open_installation(settings)
        with opened.database.transaction() as session:
            code = make.port(session).codes["gate"]
        opened.database.dispose()
        command = [sys.executable, "-m", "engage.cli", "serve", "--port", str(port)]
        with served(command, environment_of(settings), port):
            browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
            views = _measure(browser, f"{settings.public_url}/p/{code}")
            browser.close()
    heaviest, slowest = max(view.size for view in views), max(view.seconds for view in views)
    print(f"at most {heaviest:,} of {ALLOWED:,} bytes, and {slowest:.2f} of {SLOWEST} s over 2G")
    sys.exit(heaviest > ALLOWED or slowest > SLOWEST)


if __name__ == "__main__":
    main()
