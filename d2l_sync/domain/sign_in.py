"""The sign-in at Brightspace: how it stands, how old it is, and whether a person must act."""

from dataclasses import dataclass
from datetime import datetime

from d2l_sync.domain.ports import TokenState

SIGN_IN_HINT = "see: d2l-sync auth status; a person may have to run: d2l-sync auth login"
"""For whoever was refused, and has not looked yet at what is stored."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What is stored of the sign-in tells how it stands; nobody is asked.

    is_by_person: a person's consent that is renewed; else a service user, who asks for a token when one is needed.
    """

    stored: TokenState
    is_by_person: bool

    @property
    def needed(self) -> str | None:
        """Say why a person must act before Brightspace can be asked; None while nobody has to."""
        if self.stored.is_client_refused:
            return f"a person must look: {self.stored.refused_because}"
        is_missing = self.stored.token is None and self.is_by_person
        why = self.stored.lost_because or ("never signed in" if is_missing else None)
        return f"a person must run auth login: {why}" if why is not None else None

    @property
    def hint(self) -> str:
        """Say what that person does."""
        return "see: d2l-sync check" if self.stored.is_client_refused else "run: d2l-sync auth login"

    @property
    def state(self) -> str:
        """Say in a word, or with what is wrong, how it stands."""
        good = "signed in" if self.stored.token is not None else "asks for a token when it needs one"
        return self.needed or good

    @property
    def renewed_at(self) -> datetime | None:
        """Tell when it was last renewed or given; None where nothing is stored of one, or not since when."""
        return self.stored.token.obtained_at if self.stored.token is not None else None

    @property
    def is_tried(self) -> bool:
        """Tell whether it ever gave an access token; False for one that was only stored."""
        return self.stored.token is not None and bool(self.stored.token.access_token)
