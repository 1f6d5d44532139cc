"""The Badgr v2 API: Parchment Digital Badges (formerly Canvas Badges), and badgr-server run by oneself.

What is relied on was observed of badgr-server 3.15.1: no idempotency key, a duplicate refusal that two requests at
once get past, 500 for awards that were made, 404 for what is not ours. The hosted service may differ.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar
from urllib.parse import urlencode

from requests.utils import parse_header_links
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from d2l_sync.badging.badgr_answers import REFUSED_ANYBODY, REFUSED_THIS, sorted_answer
from d2l_sync.badging.badgr_bodies import (
    ALREADY_REVOKED,
    BrokenBody,
    assertion_from,
    award_body,
    results,
    revocation_body,
    says,
    the_one,
)
from d2l_sync.badging.badgr_tokens import BadgrTokens
from d2l_sync.badging.platform import Base, Limits, Reply, Transport, Unanswered
from d2l_sync.domain.award import Assertion
from d2l_sync.domain.errors import D2lSyncError, SourceRefused, SourceUnavailable, TokenRefused
from d2l_sync.domain.ids import Address, AssertionId, BadgeClassId, address_of
from d2l_sync.domain.ports import Answer, Clock, Lost, NotSent, Order, TokenStore, Usage
from d2l_sync.domain.settings import BadgingSettings

OK, NO_CONTENT, BAD_REQUEST, UNAUTHORIZED, TOO_MANY, SERVER_FAULT = 200, 204, 400, 401, 429, 500
NOT_OURS = frozenset({403, 404})
ONE_ID = re.compile(r"[A-Za-z0-9_-]+")
PAGE = {"num": "100", "include_revoked": "1", "include_expired": "1"}
TRIES = 3
LONGEST_WAIT_S = 10.0
BUSY_S = 30.0
"""No further try once the tries and their waits have taken so long: a time-out is not repeated."""
P = ParamSpec("P")
T = TypeVar("T")
JITTER = wait_random_exponential(multiplier=0.3, max=2)
BADGE_CLASS_HINT = "Check the badge class's id, its issuer, and that our account is on that issuer's staff."
ISSUER_HINT = "Check badging.issuer, and that our account is on that issuer's staff."
REVOKE_HINT = "Revoking needs editor or owner rights on the issuer; staff may only award."


class Badgr:
    """A badging platform that speaks the Badgr v2 API; see the port for what each answer means."""

    def __init__(
        self,
        settings: BadgingSettings,
        tokens: TokenStore,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        limits: Limits = Limits(),  # noqa: B008 - frozen
        sleep: Callable[[float], None] = time.sleep,
        on_call: Callable[[str, int], None] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._limits = limits
        self._base = Base(settings.url)
        self._transport = Transport(self._base, limits=limits, on_call=on_call)
        self._tokens = BadgrTokens(settings, tokens, transport=self._transport, clock=clock)
        self._again = Retrying(
            sleep=sleep,
            stop=stop_after_attempt(TRIES) | stop_after_delay(BUSY_S),
            wait=_wait,
            retry=retry_if_exception(_is_worth_a_wait),
            reraise=True,
        )

    def close(self) -> None:
        self._transport.close()

    def assertions(self, badge_class: BadgeClassId) -> tuple[Assertion, ...]:
        """Return every assertion of a badge class, newest first, revoked and expired ones included.

        Raises SourceUnavailable unless every page and every item could be read.
        """
        return self._listed(badge_class, None)

    def find(self, badge_class: BadgeClassId, address: Address) -> tuple[Assertion, ...]:
        """Return the assertions of a badge class that went to exactly this address, whatever its case.

        It is asked for as it was sent: what was sent before addresses were composed, the platform may know by no other.
        """
        wanted = address_of(address)
        if wanted is None:
            return ()
        listed = self._listed(badge_class, Address(address.strip().lower()))
        return tuple(one for one in listed if one.address == wanted)

    def issue(self, order: Order) -> Answer:
        """Send one award once, with the platform's duplicate refusal on.

        1. Have a token; without one nothing is sent.
        2. Send. Only a 401 is followed by a second try, with a new token: it is answered before any work.
        3. Sort the answer by whether the platform may have made an assertion.
        """
        url = self._base.at("v2", "badgeclasses", order.badge_class, "assertions")
        if not ONE_ID.fullmatch(order.badge_class):
            return NotSent("the badge class's id is no id")
        try:
            token = self._tokens.current()
            reply = self._award(url, order, token)
            if reply.status == UNAUTHORIZED:
                reply = self._award(url, order, self._tokens.current(reject=token))
        except Unanswered as error:
            return Lost(str(error)) if error.was_sent else NotSent(str(error))
        except TokenRefused as error:
            return NotSent(str(error), stops_all=True, is_credentials=True)
        except D2lSyncError as error:
            return NotSent(str(error), stops_all=True)
        return sorted_answer(reply, order)

    def revoke(self, assertion_id: AssertionId, reason: str) -> None:
        """Revoke an assertion for good; one that is revoked already is fine.

        Raises SourceUnavailable also when the answer was lost: the next list tells.
        """
        url = self._base.at("v2", "assertions", _id_in(assertion_id, "the assertion's id", REVOKE_HINT))
        body = revocation_body(reason)
        reply = self._authorized(lambda token: self._once("DELETE", url, token=token, content=body))
        if reply.status == NO_CONTENT or (reply.status == BAD_REQUEST and says(reply.body, ALREADY_REVOKED)):
            return
        if reply.status in REFUSED_ANYBODY | REFUSED_THIS:
            raise SourceRefused(
                f"The badging platform refuses to revoke this assertion ({reply.status}).",
                hint=REVOKE_HINT,
                status=reply.status,
            )
        self._check(reply, REVOKE_HINT)
        if _read(the_one, reply.body).get("revoked") is False:
            raise SourceUnavailable("The badging platform answered, but the assertion is not revoked.")

    def check_badge_class(self, badge_class: BadgeClassId) -> str | None:
        """Return the badge class's name as the platform has it, None where it has none; raise like `assertions`."""
        found = self._thing("badgeclasses", badge_class, BADGE_CLASS_HINT)
        if found.get("entityId") != badge_class:
            raise SourceRefused(
                "The badging platform knows this badge class under another id.",
                hint="Configure the badge class's entityId; lists name their badge class by it.",
            )
        return _name(found)

    def check_issuer(self) -> str | None:
        """Return the configured issuer's name as the platform has it; raise like `assertions`."""
        return _name(self._thing("issuers", self._settings.issuer, ISSUER_HINT))

    def check_credentials(self) -> None:
        """Have the platform take the configured credentials; a token that others brought proves nothing.

        Raises TokenRefused, SourceUnavailable or SourceRefused.
        """
        self._tokens.anew()

    def usage(self) -> Usage:
        """Return how many requests went out, tokens included; Badgr prices nothing."""
        return Usage(calls=self._transport.calls)

    def _thing(self, kind: str, entity_id: str, hint: str) -> Mapping[str, object]:
        url = self._base.at("v2", kind, _id_in(entity_id, "an id", hint))
        return _read(the_one, self._got(url, hint).body)

    def _listed(self, badge_class: BadgeClassId, address: Address | None) -> tuple[Assertion, ...]:
        _id_in(badge_class, "the badge class's id", BADGE_CLASS_HINT)
        query = PAGE if address is None else {"recipient": address, **PAGE}
        url = f"{self._base.at('v2', 'badgeclasses', badge_class, 'assertions')}?{urlencode(query)}"
        items = [item for page in self._pages(url) for item in _read(results, page.body)]
        found: dict[AssertionId, Assertion] = {}
        for one in (_read(assertion_from, item, asked=address) for item in items):
            before = found.setdefault(one.assertion_id, one)
            if (before.badge_class, before.address) != (one.badge_class, one.address):
                raise SourceUnavailable("The badging platform lists two assertions under one id.")
        ours = tuple(one for one in found.values() if one.badge_class == badge_class)
        if found and not ours:
            # Taking this for "nobody holds it" would award everybody again.
            raise SourceRefused("The badging platform lists another badge class's assertions.", hint=BADGE_CLASS_HINT)
        return ours

    def _pages(self, url: str) -> Iterator[Reply]:
        seen = {url}
        ends_at = time.monotonic() + self._limits.list_s
        for _ in range(self._limits.max_pages):
            reply = self._got(url, BADGE_CLASS_HINT)
            yield reply
            link = next_link(reply)
            if link is None:
                return
            url = self._base.pin(link, seen_on=url, below="v2")
            if url in seen:
                raise SourceUnavailable("The badging platform's pages lead back to one already read.")
            if time.monotonic() > ends_at:
                raise SourceUnavailable("The badging platform takes too long over the pages of a list.")
            seen.add(url)
        raise SourceUnavailable(f"The badging platform lists more than {self._limits.max_pages} pages.")

    def _got(self, url: str, hint: str) -> Reply:
        reply = self._authorized(lambda token: self._again(self._read_once, url, token))
        self._check(reply, hint)
        return reply

    def _authorized(self, ask: Callable[[str], Reply]) -> Reply:
        token = self._tokens.current()
        reply = ask(token)
        if reply.status != UNAUTHORIZED:
            return reply
        reply = ask(self._tokens.current(reject=token))
        if reply.status == UNAUTHORIZED:
            raise TokenRefused(
                "The badging platform refuses a token that it has just given.",
                hint="Check that badging.url and the credentials belong together, and that the account is active.",
            )
        return reply

    def _read_once(self, url: str, token: str) -> Reply:
        reply = self._once("GET", url, token=token)
        if reply.status == TOO_MANY or reply.status >= SERVER_FAULT:
            raise self._unavailable(reply)
        return reply

    def _once(self, method: str, url: str, *, token: str, content: bytes | None = None) -> Reply:
        try:
            return self._transport.send(method, url, token=token, content=content)
        except Unanswered as error:
            why, hint = str(error), error.hint
        raise SourceUnavailable(f"The badging platform gave no whole answer: {why}.", hint=hint)

    def _award(self, url: str, order: Order, token: str) -> Reply:
        return self._transport.send("POST", url, token=token, content=award_body(order), patience=self._limits.award)

    def _check(self, reply: Reply, hint: str) -> None:
        if reply.status in NOT_OURS:
            raise SourceRefused(
                f"The badging platform does not show this to us, or does not have it ({reply.status}).",
                hint=hint,
                status=reply.status,
            )
        if reply.status != OK:
            raise self._unavailable(reply)

    def _unavailable(self, reply: Reply) -> SourceUnavailable:
        return SourceUnavailable(
            f"The badging platform answered {reply.status}.", retry_after_s=reply.retry_after_s(self._clock())
        )


def next_link(reply: Reply) -> str | None:
    """Return where the next page is, None on the last one: it stands in the `Link` header only."""
    links = parse_header_links(reply.headers.get("Link", ""))
    return next((one["url"] for one in links if "next" in one.get("rel", "").lower().split()), None)


def _read(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return read(*args, **kwargs)
    except BrokenBody as error:
        why = str(error)
    raise SourceUnavailable(f"The badging platform answered with something else than the API promises: {why}.")


def _id_in(text: str, subject: str, hint: str) -> str:
    if not ONE_ID.fullmatch(text):
        raise SourceRefused(f"The platform was not asked: {subject} holds characters that no id has.", hint=hint)
    return text


def _name(thing: Mapping[str, object]) -> str | None:
    name = thing.get("name")
    return name if isinstance(name, str) else None


def _is_worth_a_wait(error: BaseException) -> bool:
    return isinstance(error, SourceUnavailable) and (error.retry_after_s or 0) <= LONGEST_WAIT_S


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked_for = error.retry_after_s if isinstance(error, SourceUnavailable) else None
    return JITTER(state) if asked_for is None else asked_for
