"""What stands in the DNS: dnspython's one home."""

from __future__ import annotations

from ipaddress import ip_address

import dns.exception
import dns.nameserver
import dns.resolver

from storage.errors import AccordwatchError, ConfigurationError

# Of one question with all its repetitions.
_PATIENCE_S = 5.0


class DnsUnreachable(AccordwatchError):
    """No server of names answered."""


class Dns:
    """Asks the machine's own servers, or the one at `server`: an address, perhaps with a port. Each
    question is asked once.
    """

    def __init__(self, server: str | None = None) -> None:
        """Raises DnsUnreachable if this machine knows no server of names, ConfigurationError if
        `server` is no address.
        """
        self._answers: dict[tuple[str, str], tuple[str, ...]] = {}
        try:
            self._resolver = dns.resolver.Resolver(configure=server is None)
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise DnsUnreachable(str(error)) from error
        if server is not None:
            self._resolver.nameservers, self._resolver.port = _place(server)
        self._resolver.lifetime = _PATIENCE_S

    def texts(self, name: str) -> tuple[str, ...]:
        """The TXT records of a name, each joined; none if there is no such name."""
        return self._asked(name, "TXT")

    def takes_mail(self, domain: str) -> bool:
        """Whether mail to a domain has a server to go to (RFC 5321, 5.1). A lone "." takes none
        (RFC 7505).
        """
        servers = self._asked(domain, "MX")
        if servers:
            return any(server.split()[-1] != "." for server in servers)
        return bool(self._asked(domain, "A") or self._asked(domain, "AAAA"))

    def _asked(self, name: str, kind: str) -> tuple[str, ...]:
        key = (name.lower(), kind)
        if key not in self._answers:
            self._answers[key] = self._ask(name, kind)
        return self._answers[key]

    def _ask(self, name: str, kind: str) -> tuple[str, ...]:
        try:
            answer = self._resolver.resolve(name.rstrip(".") + ".", kind)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return ()
        except (dns.resolver.NoNameservers, dns.exception.Timeout, OSError) as error:
            raise DnsUnreachable(" ".join(str(error).split())) from error
        except dns.exception.DNSException:
            return ()  # no name at all, such as one with a part of 64 letters
        if kind == "TXT":
            return tuple(b"".join(row.strings).decode("utf-8", "replace") for row in answer)
        return tuple(str(row) for row in answer)


def _place(server: str) -> tuple[list[str | dns.nameserver.Nameserver], int]:
    """The address and port of a server: 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353."""
    host, colon, port = server.rpartition(":")
    if not colon or server.endswith("]") or (":" in host and not server.startswith("[")):
        host, port = server, "53"
    try:
        address, number = str(ip_address(host.strip("[]"))), int(port)
    except ValueError:
        address, number = "", 0
    if not 0 < number < 2**16:
        hint = "write 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353"
        raise ConfigurationError(f"--resolver {server[:100]} is no address of a server; {hint}")
    return [address], number
