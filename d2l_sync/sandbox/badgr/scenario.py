"""What can happen on the platform: awards by hand, lost assertions, lists that lag, maintenance, and so on."""

from d2l_sync.sandbox.badgr.assertions import Assertion, BadgeClass
from d2l_sync.sandbox.badgr.platform import Platform
from d2l_sync.sandbox.badgr.tokens import TokenDesk
from d2l_sync.sandbox.badgr.validation import Award
from d2l_sync.sandbox.clock import moment
from d2l_sync.sandbox.web import Block

ROLES = {"owner", "editor", "staff", "none"}


class BadgrScenario:
    """A badge is named by its key, such as level-1, or by its entity id. Raises LookupError when it is unknown."""

    def __init__(self, platform: Platform, desk: TokenDesk) -> None:
        self._platform = platform
        self._desk = desk

    def assertions(self, *, badge: str | None = None, email: str | None = None, live: bool = False) -> list[Block]:
        """Return the assertions, oldest first: all, or of one badge, one address, or only the live ones.

        Each has assertion_id, badge_key, badge_class, email, revoked, revocation_reason, expires, issued_on,
        created_at, narrative, evidence, by_hand, live.
        """
        wanted = None if badge is None else self._badge_class(badge)
        found = [self._row(each) for each in self._platform.assertions() if wanted in {None, each.badge_class}]
        return [each for each in found if email in {None, each["email"]} and (each["live"] or not live)]

    def award_by_hand(self, *, badge: str, email: str, issued_on: str | None = None, expires: str | None = None) -> str:
        """Award as staff do in the platform's own pages; return the assertion's id."""
        now = self._platform.clock.now()
        award = Award(email, issued_on=moment(issued_on, now), expires=moment(expires, now) if expires else None)
        return self._platform.award(award, self._badge_class(badge), by_hand=True).entity_id

    def revoke_by_hand(self, *, assertion: str, reason: str = "Awarded in error") -> None:
        """Revoke as staff do."""
        self._platform.change(assertion, revocation_reason=reason)

    def expire_assertion(self, *, assertion: str) -> None:
        """Let an assertion expire now."""
        self._platform.change(assertion, expires=self._platform.clock.now())

    def lose_assertion(self, *, assertion: str) -> None:
        """Let an assertion vanish without a trace."""
        self._platform.forget(assertion)

    def badge_classes(self) -> dict[str, str]:
        """Return the entity id of each badge class by its key."""
        return {each.key: each.entity_id for each in self._platform.badge_classes.values()}

    def mails(self) -> list[Block]:
        """Return the mails sent, oldest first."""
        return [
            {"email": email, "badge_key": self._platform.badge_classes[badge].key}
            for email, badge in self._platform.mails
        ]

    def opt_out(self, *, email: str) -> None:
        """Refuse any award to an address from now on."""
        self._platform.opted_out.add(email.lower())

    def lag_lists(self, *, seconds: float) -> None:
        """Let lists hide assertions for so long after they were made; 0 ends it."""
        self._platform.manners.hidden_s = seconds

    def set_race_window(self, *, seconds: float) -> None:
        """Set how far the duplicate check and the insert lie apart."""
        self._platform.manners.race_window_s = seconds

    def set_largest_page(self, *, size: int) -> None:
        """Set what `num` is clamped to."""
        self._platform.manners.largest_page = size

    def set_maintenance(self, *, on: bool = True) -> None:
        """Redirect every POST to /maintenance, or stop doing so."""
        self._platform.manners.is_under_maintenance = on

    def break_mail(self, *, broken: bool = True) -> None:
        """Fail with 500, after storing, whenever a mail is due."""
        self._platform.manners.is_mail_broken = broken

    def set_staff_role(self, *, role: str) -> None:
        """Make the token's user owner, editor or staff of the issuer, or none of them: then all is 404."""
        if role not in ROLES:
            raise ValueError(f"no role {role!r}; there are {', '.join(sorted(ROLES))}")
        self._platform.manners.role = role

    def set_throttle(self, *, on: bool) -> None:
        """Switch the throttle of the token endpoint on or off, and forget past failures."""
        self._desk.throttle.is_on = on
        self._desk.throttle.clear()

    def revoke_platform_tokens(self) -> None:
        """End every access token of the platform."""
        self._desk.revoke_all()

    def platform_token_counts(self) -> Block:
        """Return how often each grant was given (by grant type), and `refused`."""
        return dict(self._desk.counts)

    def _badge_class(self, badge: str) -> BadgeClass:
        for each in self._platform.badge_classes.values():
            if badge in {each.key, each.entity_id}:
                return each
        raise LookupError(f"no badge {badge!r}")

    def _row(self, assertion: Assertion) -> Block:
        return {
            "assertion_id": assertion.entity_id,
            "badge_key": assertion.badge_class.key,
            "badge_class": assertion.badge_class.entity_id,
            "email": assertion.recipient.identity,
            "revoked": assertion.is_revoked,
            "revocation_reason": assertion.revocation_reason,
            "expires": assertion.expires,
            "issued_on": assertion.issued_on,
            "created_at": assertion.created_at,
            "narrative": assertion.narrative,
            "evidence": assertion.evidence,
            "by_hand": assertion.by_hand,
            "live": assertion.is_live(self._platform.clock.now()),
        }
