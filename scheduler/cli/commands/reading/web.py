"""`web`: the page and the API, for this machine or for a team."""

from __future__ import annotations

import atexit
import gc
import ipaddress
import re
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated

import uvicorn
from cyclopts import Parameter
from uvicorn.supervisors import Multiprocess

from scheduler.access.accounts import AccessLog
from scheduler.cli.context import configuration, opened_database
from scheduler.cli.output import say
from scheduler.cli.rules import configured_rules
from scheduler.web.server import listening_at
from scheduler.web.site.application import create_site
from scheduler.web.site.installation import LONGEST_HEAD, LOOPBACK, Installation, Reach
from storage.database.session import Database, open_database
from storage.errors import ConfigurationError
from storage.users.users import is_anybody

if TYPE_CHECKING:
    import socket

    from fastapi import FastAPI

    from scheduler.configuration.config import Configuration

_MOST_WORKERS = 64
# Objects made between two looks at the young ones, and looks until older ones are looked at too:
# the usual 700 and 10 came to all of them at every fifteenth page.
_COLLECTING = (5_000, 10, 200)


def web(
    *,
    host: Annotated[
        str, Parameter(help="Where to listen; beyond loopback only if there are users.")
    ] = "127.0.0.1",
    port: Annotated[int, Parameter(help="0 takes a free one.")] = 8080,
    edit: Annotated[
        str | None,
        Parameter(help="Without users: let the page take decisions, saved under this name."),
    ] = None,
    name: Annotated[
        tuple[str, ...],
        Parameter(help="A host name that the page is reached by, such as watch.example.org."),
    ] = (),
    root_path: Annotated[
        str, Parameter(help="The path below which a proxy shows the page, such as /watch.")
    ] = "",
    trust_proxy: Annotated[
        tuple[str, ...],
        Parameter(help="Address of a proxy whose X-Forwarded-For and -Proto are believed."),
    ] = (),
    login_header: Annotated[
        str, Parameter(help="Header in which that proxy names who has logged in: Remote-User.")
    ] = "",
    secure_cookies: Annotated[
        bool, Parameter(negative="", help="Send cookies over https only, whatever the proxy says.")
    ] = False,
    workers: Annotated[
        int, Parameter(help="Processes that answer, for a team: as many as cores can be spared.")
    ] = 1,
) -> None:
    """Without users it answers this machine only; with users, everyone logs in. Ctrl-C ends it."""
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"--port {port} is no port; choose one from 0 to 65535")
    if not 1 <= workers <= _MOST_WORKERS:
        raise ConfigurationError(f"--workers {workers}: choose 1 to {_MOST_WORKERS}")
    chosen = configuration()
    reach = Reach(
        is_wide=host not in LOOPBACK,
        names=_names(name),
        root_path=_root_path(root_path),
        secure_cookies=secure_cookies,
        proxies=_proxies(trust_proxy),
        login_header=_login_header(login_header, trust_proxy),
    )
    with opened_database(chosen) as database:
        _check_users(database, reach, host, edit)
    editor, secret = (edit or "").strip() or None, secrets.token_bytes(32)
    page = partial(make_page, chosen, editor, reach, secret)
    with listening_at((host, port), "choose others with --host, --port") as listening:
        shown = f"[{host}]" if ":" in host else host
        place = f"http://{shown}:{listening.getsockname()[1]}{reach.root_path}/"
        notice = f"Open {place} (Ctrl-C ends)"
        if reach.is_wide:
            notice += "\nPut a proxy with TLS in front, else passwords can be read on their way"
        _serve(page, listening, notice, workers)


# A worker answers its supervisor once it has imported the page, and is killed and begun anew if
# that takes longer. At uvicorn's 5 s no worker ever gets there on a machine with a load of 20.
_WORKER_ANSWERS_WITHIN_S = 120


def make_page(chosen: Configuration, editor: str | None, reach: Reach, secret: bytes) -> FastAPI:
    """The page, as each process that answers makes it for itself."""
    database = open_database(chosen.database)
    atexit.register(database.close)
    served = Installation(
        database,
        chosen,
        editor,
        rules=lambda: configured_rules(chosen),
        reach=reach,
        secret=secret,
        access_log=AccessLog(chosen.folder, echo=say),
    )
    site = create_site(served)
    # A look through all that is loaded takes 0.1 s, for which a reader would wait: what stays for
    # ever is left out, and the rest is looked through rarely.
    gc.freeze()
    gc.set_threshold(*_COLLECTING)
    site.state.rules.begin(served.now())
    return site


def _serve(
    page: Callable[[], FastAPI], listening: socket.socket, notice: str, workers: int
) -> None:
    """Print the notice, and answer until a signal comes."""
    settings = uvicorn.Config(
        page,
        factory=True,
        workers=workers,
        timeout_worker_healthcheck=_WORKER_ANSWERS_WITHIN_S,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the page itself knows whom to believe
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    if workers > 1:
        supervisor = Multiprocess(settings, [listening])
        say(notice)
        supervisor.run()
        return
    with _ending_at_signals(server := uvicorn.Server(settings)):
        say(notice)
        server.run(sockets=[listening])


def _names(written: tuple[str, ...]) -> frozenset[str]:
    """The names as a Host header has them. Raises ConfigurationError for what is more than one."""
    for name in written:
        if not re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]", name):
            raise ConfigurationError(
                f"--name {name}: write the name alone, like watch.example.org, without https://, "
                "port or path"
            )
    return frozenset(name.lower() for name in written)


def _root_path(written: str) -> str:
    if written and not re.fullmatch(r"/*[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*/*", written):
        raise ConfigurationError(f"--root-path {written}: write a path like /watch")
    path = written.strip("/")
    return f"/{path}" if path else ""


def _proxies(written: tuple[str, ...]) -> tuple[str, ...]:
    for address in written:
        try:
            ipaddress.ip_network(address, strict=False)
        except ValueError as error:
            raise ConfigurationError(
                f"--trust-proxy {address}: write an address or a network, like 127.0.0.1"
            ) from error
    return written


def _login_header(written: str, proxies: tuple[str, ...]) -> str:
    if written and not re.fullmatch(r"[A-Za-z0-9-]+", written):
        raise ConfigurationError(
            f"--login-header {written}: write the name of a header, like Remote-User"
        )
    if written and not proxies:
        raise ConfigurationError(
            "--login-header: anybody could send it; name the proxy that sets it: --trust-proxy"
        )
    return written


def _check_users(database: Database, reach: Reach, host: str, edit: str | None) -> None:
    """Raises ConfigurationError where strangers would get in, or two ways to decide would meet."""
    with database.read() as s:
        has_users = is_anybody(s)
    if not has_users and not reach.is_private:
        option = f"--host {host}" if reach.is_wide else "--name"
        raise ConfigurationError(
            f"{option}: others than this machine would get in without a password; "
            "add a user first: accordwatch users add NAME --role admin"
        )
    if has_users and edit is not None:
        raise ConfigurationError(
            "--edit: there are users, who decide under their own names; leave it out, and see "
            "accordwatch users list"
        )


@contextmanager
def _ending_at_signals(server: uvicorn.Server) -> Iterator[None]:
    """Let signals end server and command well: uvicorn would raise them again."""
    ends = (signal.SIGINT, signal.SIGTERM)
    before = {end: signal.signal(end, server.handle_exit) for end in ends}
    server.capture_signals = nullcontext  # type: ignore[method-assign,assignment]  # ours are set
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
