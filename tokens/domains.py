"""Allowed domains of an access token: reading and normalising entries, matching origins, writing CSP sources.

Pure functions without Django or a database. The rules are tokens.md section 2: one list drives CORS, the
Origin and Referer checks, frame-ancestors and postMessage, so everything here follows CSP's meaning.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import idna
import publicsuffix2  # type: ignore[import-untyped]

MAX_ENTRIES = 100
MAX_ENTRY_LENGTH = 300  # scheme, "*.", a host of 253 characters and a port, with some room
DEFAULT_PORTS = {"http": 80, "https": 443}

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
# What browsers serialise: lower case, no userinfo, no trailing dot. They allow underscores and edge hyphens.
_ORIGIN_PATTERN = r"(https?)://([a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]{2,39}\])(?::([1-9][0-9]{0,4}))?"
_ORIGIN = re.compile(_ORIGIN_PATTERN)
_REFERER = re.compile(rf"({_ORIGIN_PATTERN})(?:/[!-\"$-~]*)?")  # printable ASCII without "#"


class EntryError(ValueError):
    """An entry that cannot be used: a stable `code`, an English `detail` for an admin, and the `entry`."""

    def __init__(self, code: str, detail: str, entry: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One normalised entry: `host` in lower-case A-labels without "*."; `port` is None, digits or "*"."""

    scheme: str | None
    host: str
    wildcard: bool
    port: str | None

    def __str__(self) -> str:
        """Return the normalised entry as it is stored."""
        return (f"{self.scheme}://" if self.scheme else "") + self._authority

    @property
    def _authority(self) -> str:
        return ("*." if self.wildcard else "") + self.host + (f":{self.port}" if self.port else "")

    @property
    def is_ipv6(self) -> bool:
        """Whether the host is an IPv6 address, which frames cannot match (tokens.md section 2)."""
        return self.host.startswith("[")

    def warnings(self) -> list[str]:
        """Return the codes of what an admin should think about; the entry is valid all the same."""
        found = []
        if self.wildcard and _is_public_suffix(self.host):
            found.append("public_suffix_wildcard")
        if self.is_ipv6:
            found.append("ipv6_no_frame")
        return found

    def explain(self, desk_scheme: str) -> str:
        """Return one sentence on what this entry matches while the desk is on `desk_scheme`, and what not."""
        scheme = _least_scheme(self, desk_scheme)
        if self.wildcard:
            who = f"every subdomain of {self.host} at any depth, but not {self.host} itself"
        elif self.is_ipv6:
            who = f"the address {self.host} in links and API calls, but not in frames"
        elif _is_ipv4(self.host):
            who = f"the address {self.host}, but no other address"
        else:
            who = f"{self.host}, but not its subdomains"
        how = "over https, not http" if scheme == "https" else "over http and https"
        if self.port == "*":
            where = "on any port"
        elif self.port is None:
            where = "on the default port only"
        elif self.port == "80" and scheme == "http":
            where = "on port 80 (and 443 over https) only"
        else:
            where = f"on port {self.port} only"
        return f"Matches {who}; {how}; {where}."

    def admits(self, origin: "Origin", desk_scheme: str) -> bool:
        """Return whether CSP, on a desk served over `desk_scheme`, would match this entry with the origin."""
        scheme = _least_scheme(self, desk_scheme)
        if scheme == "https" and origin.scheme != "https":
            return False
        if not (origin.host.endswith("." + self.host) if self.wildcard else origin.host == self.host):
            return False
        if self.port is None:
            return origin.port == DEFAULT_PORTS[origin.scheme]
        # Browsers upgrade http on port 80 to https on port 443; being stricter would only split the verdicts.
        upgraded = scheme == "http" and self.port == "80" and origin.scheme == "https" and origin.port == 443
        return self.port == "*" or self.port == str(origin.port) or upgraded


@dataclass(frozen=True, slots=True)
class Origin:
    """A web origin with its effective port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """Return the origin as browsers serialise it: without the default port."""
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"


def parse_entry(text: str) -> Entry:
    """Read one entry as an admin typed it (tokens.md section 2). Raises EntryError with the reason."""
    try:
        return _parse_entry(text)
    except EntryError as error:
        error.entry = text
        raise


def normalise(entries: Iterable[str]) -> list[str]:
    """Return the entries in normal form, without duplicates, in their order.

    Raises EntryError (with `.entry`) for the first one that is refused, and for more than MAX_ENTRIES.
    """
    found: dict[str, None] = {}
    for text in entries:
        found[str(parse_entry(text))] = None
        if len(found) > MAX_ENTRIES:
            raise EntryError("entry_too_many", f"A list holds at most {MAX_ENTRIES} entries.", text)
    return list(found)


def parse_origin(text: str) -> Origin | None:
    """Read an Origin header; None for `null` and for everything a browser would not have written itself."""
    found = _ORIGIN.fullmatch(text)
    return _origin(found[1], found[2], found[3]) if found else None


def origin_of_url(url: str) -> str | None:
    """Return the serialised origin of a Referer; None if it is odd in any way (userinfo, case, …)."""
    found = _REFERER.fullmatch(url)
    origin = _origin(found[2], found[3], found[4]) if found else None
    return str(origin) if origin else None


def matches(entries: Sequence[str], origin: str, desk_scheme: str) -> bool:
    """Return whether an origin (as sent by a browser) is on a list of stored entries.

    `desk_scheme` is "http" or "https". An empty list matches nothing here: that it means "any page" is for
    the caller to decide, because a setting can forbid it. Stored text that is no entry matches nothing.
    """
    parsed = parse_origin(origin)
    if parsed is None:
        return False
    return any(entry is not None and entry.admits(parsed, desk_scheme) for entry in map(_stored, entries))


def frame_ancestors(entries: Sequence[str], desk_scheme: str) -> list[str]:
    """Return the CSP sources with which browsers decide as `matches` does; IPv6 is left out, it cannot work.

    Every source is written anew from a parsed entry, so stored text cannot inject into the policy. Where http
    is admitted, https is written out as well: browsers upgrade `http://h` but not `http://h:8080` to https.
    """
    sources: dict[str, None] = {}
    for entry in map(_stored, entries):
        if entry is None or entry.is_ipv6:
            continue
        sources[f"https://{entry._authority}"] = None
        if _least_scheme(entry, desk_scheme) == "http":
            sources[f"http://{entry._authority}"] = None
    return list(sources)


def _parse_entry(text: str) -> Entry:
    _refuse_characters(text)
    scheme, rest = None, text
    if found := _SCHEME.fullmatch(text):
        scheme, rest = found[1].lower(), found[2]
    if scheme not in (None, "http", "https") or text.lower() in ("http:", "https:"):
        raise EntryError("entry_scheme", "Only http:// and https:// may stand before the host.")
    rest = rest.removesuffix("/")
    for sign, code, part in (
        ("@", "entry_userinfo", "a user name"),
        ("?", "entry_query", "a query"),
        ("#", "entry_fragment", "a fragment"),
        ("/", "entry_path", "a path"),
    ):
        if sign in rest:
            raise EntryError(code, f"An entry names a site, without {part} (“{sign}”).")
    if rest.startswith("["):
        address, bracket, after = rest.partition("]")
        host, wildcard = _ipv6(address[1:]), False
        if not (bracket and host and after[:1] in ("", ":")):
            raise EntryError("entry_ipv6", "This is not an IPv6 address in brackets, such as [2001:db8::1].")
        colon, port_text = after[:1], after[1:]
    else:
        if rest.count(":") > 1 and _ipv6(rest):
            raise EntryError("entry_ipv6", "Write an IPv6 address in brackets, such as [2001:db8::1].")
        name, colon, port_text = rest.partition(":")
        host, wildcard = _host(name)
    port = _port(port_text) if colon else None
    if scheme and port == str(DEFAULT_PORTS[scheme]):
        port = None
    elif scheme is None and port == "443":
        # Just "host" would also admit http on port 80 while the desk is on http: never widen, so name https.
        scheme, port = "https", None
    return Entry(scheme, host, wildcard, port)


def _refuse_characters(text: str) -> None:
    if not text:
        raise EntryError("entry_empty", "The entry is empty.")
    if len(text) > MAX_ENTRY_LENGTH:
        raise EntryError("entry_too_long", f"An entry has at most {MAX_ENTRY_LENGTH} characters.")
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        raise EntryError(
            "entry_control_character", "The entry holds a line break or another control character."
        )
    if any(char.isspace() for char in text):
        raise EntryError("entry_space", "The entry holds a space.")
    for sign, code, name in (
        ("\\", "entry_backslash", "a backslash"),
        (",", "entry_comma", "a comma; write one entry per line"),
        (";", "entry_semicolon", "a semicolon; write one entry per line"),
        ("'", "entry_quote", "a quote; keywords such as 'self' are not entries"),
        ('"', "entry_quote", "a quote"),
    ):
        if sign in text:
            raise EntryError(code, f"The entry holds {name}.")


def _host(name: str) -> tuple[str, bool]:
    """Return the A-label host and whether a wildcard stands before it."""
    wildcard = name.startswith("*.")
    host = name.removeprefix("*.")
    if name == "*" or (wildcard and host in ("", "*")):
        raise EntryError("entry_wildcard_alone", "“*” alone is no entry; leave the list empty for any site.")
    if not host:
        raise EntryError("entry_host", "The host is missing.")
    if "*" in host:
        raise EntryError("entry_wildcard_inner", "“*” can only stand first, before a dot: *.example.com.")
    if "_" in host:
        raise EntryError("entry_underscore", "A host name has no underscore.")
    try:
        # Non-transitional: the standard library's codec would turn straße.de into strasse.de, another domain.
        host = idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
    except ValueError as error:  # IDNAError, and what unicodedata says about unassigned characters
        raise EntryError("entry_host", f"“{host}” is not a valid host name: {error}.") from error
    if host.endswith("."):
        raise EntryError("entry_trailing_dot", "The host must not end with a dot.")
    if host == "null":
        raise EntryError("entry_null", "“null” stands for no origin at all and cannot be allowed.")
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise EntryError("entry_host", f"“{host}” is not a valid host name.")
    if _ends_in_number(host) and (wildcard or not _is_ipv4(host)):
        raise EntryError("entry_ipv4", "Write an IPv4 address as four plain numbers, such as 192.0.2.10.")
    if wildcard and "." not in host:
        raise EntryError(
            "entry_wildcard_tld", f"*.{host} is too wide: at least two labels must follow the star."
        )
    return host, wildcard


def _port(text: str) -> str:
    if text == "*":
        return text
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise EntryError("entry_port", "A port is a number from 1 to 65535, or “*” for any port.")
    return str(int(text))


def _ends_in_number(host: str) -> bool:
    """Whether a browser would read the host as an IPv4 address, in however odd a spelling."""
    return _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]) is not None


def _is_ipv4(host: str) -> bool:
    try:
        return str(ipaddress.IPv4Address(host)) == host
    except ValueError:
        return False


def _ipv6(text: str) -> str | None:
    """Return the address in brackets as browsers serialise it; None if it is none or has a zone."""
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    if address.scope_id is not None:
        return None
    if mapped := address.ipv4_mapped:  # newer Pythons would write ::ffff:192.0.2.1, browsers never do
        return f"[::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}]"
    return f"[{address.compressed}]"


def _origin(scheme: str, host: str, port_text: str | None) -> Origin | None:
    port = int(port_text) if port_text else DEFAULT_PORTS[scheme]
    if host.startswith("["):
        valid = _ipv6(host[1:-1]) == host
    else:
        valid = len(host) <= 253 and (not _ends_in_number(host) or _is_ipv4(host))
    return Origin(scheme, host, port) if valid and port <= 65535 else None


def _least_scheme(entry: Entry, desk_scheme: str) -> str:
    """The weakest scheme the entry admits: without one https, and http only while the desk is on http."""
    return entry.scheme or ("http" if desk_scheme == "http" else "https")


@lru_cache(maxsize=8192)
def _stored(text: str) -> Entry | None:
    """A stored entry, parsed once per process; text that is no entry (raw SQL) fails closed."""
    try:
        return parse_entry(text)
    except EntryError:
        return None


@lru_cache(maxsize=1)
def _public_suffix_rules() -> frozenset[str]:
    return frozenset(publicsuffix2.PublicSuffixList().tlds)  # the bundled list: nothing is downloaded


def _is_public_suffix(host: str) -> bool:
    # The package's own lookup takes inner nodes (amazonaws.com) for suffixes, so the rules are read directly.
    rules = _public_suffix_rules()
    parent = host.partition(".")[2]
    return host in rules or f"*.{host}" in rules or (f"*.{parent}" in rules and f"!{host}" not in rules)
