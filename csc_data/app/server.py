"""Serves the pages to the one user of this machine who holds the token: the only module here that knows a network.

What it sees to is on the page on threats: it listens on the loopback address alone; every request must name it as its host,
carry the cookie that the token in the first address was exchanged for, and, if it changes something, come from one of its
own pages; nothing may be kept in a cache, fetched from elsewhere or framed; what is handed over stays in memory.
"""

from __future__ import annotations

import gc
import json
import secrets
import socket
import sys
import threading
import webbrowser
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import suppress
from importlib.resources import files
from urllib.parse import urlencode

import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from csc_data.app import actions, pages
from csc_data.app.session import Session
from csc_data.errors import CscDataError, UnexpectedError, UsageError
from csc_data.files import limits
from csc_data.reporting.tables import csv_bytes
from csc_data.results.worklist import WORK_COLUMNS
from csc_data.visible import visible

HOST = "127.0.0.1"

PATIENCE = 2.5
"""Seconds that whoever starts a check waits for its result before being shown how far it is."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Headers of every response."""

NO_ENTRY = (
    "This page belongs to whoever started csc-data. Open it by the whole address that csc-data printed, token included."
)


class Checker:
    """Makes checks beside the pages, and knows how far one is."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._thread: threading.Thread | None = None
        self._preparing: threading.Thread | None = None
        self._ended = False
        self.progress: tuple[int, int, str] = (0, 0, "")
        self.after = "/results"

    @property
    def at_work(self) -> bool:
        """Whether a check is at work."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def preparing(self) -> bool:
        """Whether what pages take longest for is still being worked out."""
        return self._preparing is not None and self._preparing.is_alive()

    def start(self, after: str) -> None:
        """Begin a check, unless one is at work; ``after`` is the page that follows."""
        if not self.at_work:
            self.after, self.progress = after, (0, 0, "reading the return")
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()

    def wait(self, seconds: float) -> None:
        """Wait until the check is done, but no longer than so many seconds."""
        if self._thread is not None:
            self._thread.join(seconds)

    def end(self) -> None:
        """Break off what is at work, and wait until it has: a program must not end under it."""
        self._ended = True
        for thread in (self._thread, self._preparing):
            if thread is not None:
                thread.join()

    def _run(self) -> None:
        try:
            self._session.run_check(self._show_progress)
        except BaseException as error:
            self._session.problem = str(UnexpectedError.of(error))
        else:
            self._preparing = threading.Thread(target=self._prepare, daemon=True)
            self._preparing.start()

    def _prepare(self) -> None:
        """Work out beside the pages what they take longest for. What goes wrong, the page itself will say."""
        with suppress(Exception):
            if self._session.check is not None:
                for _ in self._session.check.prepare():
                    if self._ended:
                        return

    def _show_progress(self, done: int, steps: int, what: str) -> None:
        if self._ended:
            raise KeyboardInterrupt
        self.progress = done, steps, what


class Guard:
    """Lets nobody in but who holds the token, from this machine and from pages of its own.

    Args:
        app: what is guarded.
        token: what whoever comes in must hold.
        port: where it is served.
        end: breaks off what is at work beside the pages.
    """

    def __init__(self, app: ASGIApp, token: str, port: int, end: Callable[[], None]) -> None:
        self._app, self._token, self._port, self.end = app, token, port, end
        self.cookie = f"csc-data-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, let in, or let through."""
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        answer = self._refusal(request)
        await (answer or self._app)(scope, receive, _with_headers(send))

    def _refusal(self, request: Request) -> Response | None:
        """The response to a request that does not come through; None if it does."""
        hosts = (f"{HOST}:{self._port}", f"localhost:{self._port}")
        host = request.headers.get("host", "")
        if host not in hosts:
            return PlainTextResponse("csc-data answers under its own address alone.", 403)
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return PlainTextResponse("csc-data answers its own pages alone.", 403)
        if request.method not in ("GET", "POST"):
            return PlainTextResponse("csc-data knows no such request.", 405)
        if request.method == "POST" and request.headers.get("origin") != f"http://{host}":
            return PlainTextResponse("csc-data takes what its own pages send alone.", 403)
        if (
            request.method == "GET"
            and request.url.path == "/"
            and self._is_token(request.query_params.get("token", ""))
        ):
            entry = RedirectResponse("/", 303)
            entry.set_cookie(self.cookie, self._token, httponly=True, samesite="strict", path="/")
            return entry
        if not self._is_token(request.cookies.get(self.cookie, "")):
            return PlainTextResponse(NO_ENTRY, 403)
        return None

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self._token.encode())


def _with_headers(send: Send) -> Send:
    """Send with the headers of every response."""
    added = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

    async def sending(message: Mapping[str, object]) -> None:
        if message["type"] == "http.response.start":
            given = message["headers"]
            assert isinstance(given, Iterable)
            message = {**message, "headers": [*given, *added]}
        await send(dict(message))

    return sending


class _InMemory(MultiPartParser):
    """Reads a form without ever putting a file on the disk: what is larger than is allowed was refused before."""

    spool_max_size = limits.UPLOAD_BYTES + 1


async def _form(request: Request) -> actions.Form:
    """What a form sends, within limits.

    Raises:
        UsageError: it is larger than is allowed, or no form.
    """
    kind = request.headers.get("content-type", "")
    parser: MultiPartParser | FormParser
    if kind.startswith("multipart/form-data"):
        parser = _InMemory(request.headers, _limited(request), max_files=limits.ZIP_MEMBERS)
    else:
        parser = FormParser(request.headers, _limited(request))
    try:
        sent = await parser.parse()
    except (MultiPartException, ClientDisconnect, ValueError, KeyError):
        raise UsageError("The form did not arrive whole. Send it once more.") from None
    fields: dict[str, str] = {}
    given: dict[str, dict[str, bytes]] = {}
    try:
        for name, value in sent.multi_items():
            if not isinstance(value, UploadFile):
                fields[name] = value
            elif value.filename in given.get(name, {}):
                raise UsageError(f"Two files are called {visible(value.filename)}. Choose one of them, or rename one.")
            elif value.filename:
                given.setdefault(name, {})[value.filename] = await value.read()
    finally:
        await sent.close()
    return actions.Form(fields, given)


async def _limited(request: Request) -> AsyncGenerator[bytes, None]:
    """The body of a request, as long as it is within the limit."""
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limits.UPLOAD_BYTES:
            raise UsageError(
                f"The files are larger than {limits.in_bytes(limits.UPLOAD_BYTES)} together, which is the most that a "
                "browser may hand over. Give the path of their folder."
            )
        yield part


class Pages:
    """The pages, actions and downloads of a session, as requests ask for them."""

    def __init__(self, session: Session, close: Callable[[], None]) -> None:
        self.session, self.checker, self._close = session, Checker(session), close

    def routes(self) -> list[Route]:
        """What is answered."""
        return [
            *(Route(path, self.page) for path in pages.PAGES),
            *(Route(path, self.act, methods=["POST"]) for path in actions.ACTIONS),
            *(Route(path, self.download) for path in ("/issues.csv", "/worklist.csv", "/work.json")),
            Route("/checking", self.checking),
            Route("/state", self.state),
            Route("/close", self.close, methods=["POST"]),
            Route("/assets/{name}", self.asset),
        ]

    async def page(self, request: Request) -> Response:
        """A page; while a check is at work, how far it is, and a new check if the files at a path have changed."""
        path = request.url.path
        if self.checker.at_work:
            return RedirectResponse("/checking", 303)
        if path != "/" and self.session.files_changed() and self.session.files_at_rest():
            self.checker.start(_address_of(request))
            return await self._after_check()
        query = dict(request.query_params)
        if path == "/quality" and self.checker.preparing:
            progress = {"what": "working out quality, timeliness and burden"}
            return HTMLResponse(pages.checking(self.session, progress), headers={"Refresh": "1; url=/quality"})
        try:
            return HTMLResponse(pages.PAGES[path](self.session, query))
        except pages.NoSuchPageError:
            return self._no_page()
        except CscDataError as error:
            self.session.problem = str(error)
            return RedirectResponse("/", 303)
        except Exception as error:
            return self._failed(error)

    async def act(self, request: Request) -> Response:
        """What a form asks for, and the page that follows."""
        path = request.url.path
        if self.checker.at_work:
            return RedirectResponse("/checking", 303)
        back = "/"
        try:
            form = await _form(request)
            back = actions.page_of(form, back)
            after = actions.ACTIONS[path](self.session, form)
        except pages.NoSuchPageError:
            return self._no_page()
        except CscDataError as error:
            self.session.problem = str(error)
            return RedirectResponse(back, 303)
        except Exception as error:
            return self._failed(error)
        if path not in actions.CHECKS:
            return RedirectResponse(after, 303)
        self.checker.start(after)
        return await self._after_check()

    async def _after_check(self) -> Response:
        await to_thread.run_sync(self.checker.wait, PATIENCE)
        return RedirectResponse("/checking" if self.checker.at_work else self._next(), 303)

    def _next(self) -> str:
        return "/" if self.session.check is None else self.checker.after

    async def checking(self, request: Request) -> Response:
        """How far the check is; the page that follows, once it is done."""
        if not self.checker.at_work:
            return RedirectResponse(self._next(), 303)
        done, steps, what = self.checker.progress
        progress = {"done": str(done), "steps": str(steps), "what": what}
        return HTMLResponse(pages.checking(self.session, progress), headers={"Refresh": "1; url=/checking"})

    async def state(self, request: Request) -> Response:
        """For the script of the pages: whether the files have changed."""
        changed = not self.checker.at_work and self.session.files_changed()
        return Response(json.dumps({"changed": changed}), media_type="application/json")

    async def download(self, request: Request) -> Response:
        """A file for the user to save where they choose."""
        name = request.url.path.removeprefix("/")
        try:
            if name == "work.json":
                content = self.session.worklist.work.content()
            else:
                query = dict(request.query_params) if name == "issues.csv" else {}
                content = csv_bytes(pages.table_of_issues(self.session, query), WORK_COLUMNS)
        except CscDataError as error:
            self.session.problem = str(error)
            return RedirectResponse("/", 303)
        if name == "work.json":
            self.session.unsaved = False
        kind = "application/json" if name.endswith(".json") else "text/csv; charset=utf-8"
        return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    async def close(self, request: Request) -> Response:
        """Forget everything, and end."""
        self.session.forget()
        gc.collect()
        page = pages.message(
            self.session, "csc-data is closed", "Nothing is held any longer. You can close this window."
        )
        self._close()
        return HTMLResponse(page)

    async def asset(self, request: Request) -> Response:
        """The style and the script of the pages."""
        kinds = {"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8"}
        name = request.path_params["name"]
        return Response(asset(name), media_type=kinds[name]) if name in kinds else self._no_page()

    def _no_page(self) -> Response:
        text = "There is no such page. It may be of an earlier check: open it again from the lists."
        return HTMLResponse(pages.message(self.session, "Page not found", text), 404)

    def _failed(self, error: Exception) -> Response:
        return HTMLResponse(pages.message(self.session, "csc-data failed", str(UnexpectedError.of(error))), 500)


def _address_of(request: Request) -> str:
    query = dict(request.query_params)
    return f"{request.url.path}?{urlencode(query)}" if query else request.url.path


def asset(name: str) -> str:
    """A style sheet or script: that of the report, and what the app adds to it."""
    report = files("csc_data.reporting.html").joinpath("assets")
    parts = {"app.css": ("govuk-frontend.min.css", "report.css"), "app.js": ("report.js",)}[name]
    own = files("csc_data.app").joinpath("assets", name).read_text(encoding="utf-8")
    return "\n".join([*(report.joinpath(part).read_text(encoding="utf-8") for part in parts), own])


def application(session: Session, token: str, port: int, close: Callable[[], None]) -> Guard:
    """The whole as an application: pages behind the guard."""
    made = Pages(session, close)
    return Guard(Starlette(routes=made.routes()), token, port, made.checker.end)


def serve(session: Session, port: int = 0, *, browser: bool = True) -> None:
    """Serve until the user closes it, and let go of everything then.

    Args:
        session: what to work on.
        port: where to listen; 0 for a port that is free.
        browser: open the first page in the browser.

    Raises:
        UsageError: the port is taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise UsageError(
                f"Nothing can listen on port {port} ({error.strerror}). Leave --port out, or choose another."
            ) from None
        chosen, token = listening.getsockname()[1], secrets.token_urlsafe(32)
        address = f"http://{HOST}:{chosen}/?token={token}"

        def _stop() -> None:
            server.should_exit = True

        app = application(session, token, chosen, _stop)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
        )
        server = uvicorn.Server(config)
        sys.stdout.write(
            f"csc-data is at {address}\n"
            "The address is yours alone: do not pass it on. To end, press Ctrl+C or close it there.\n"
        )
        sys.stdout.flush()
        threading.Thread(target=pages.load_templates, daemon=True).start()
        if browser:
            with suppress(webbrowser.Error):
                threading.Timer(0.5, webbrowser.open, [address]).start()
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            pass
        finally:
            app.end()
            session.forget()
            gc.collect()
