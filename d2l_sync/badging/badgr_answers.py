"""What Badgr's answer to an award means for the award."""

from d2l_sync.badging.badgr_bodies import DUPLICATE, BrokenBody, assertion_from, complaint, says, the_one
from d2l_sync.badging.platform import Reply
from d2l_sync.domain.ids import address_of
from d2l_sync.domain.ports import Answer, Declined, Duplicate, Issued, Lost, NotSent, Order

OK, CREATED, UNAUTHORIZED, TOO_MANY = 200, 201, 401, 429
REFUSED_ANYBODY = frozenset({403, 404, 405, 415})
REFUSED_THIS = frozenset({400, 409, 422})


def sorted_answer(reply: Reply, order: Order) -> Answer:
    """Sort the platform's answer to an award by whether it may have made an assertion.

    A 404 means unknown or not ours, 401 comes before any work. 5xx proves nothing: the server saves the assertion
    first and mails after. A redirect is what it answers to writing while it is being maintained.
    """
    status = reply.status
    if status in {OK, CREATED}:
        return _taken(reply, order)
    if status in REFUSED_THIS:
        if says(reply.body, DUPLICATE):
            return Duplicate()
        return Declined(complaint(reply.body, about=order.address) or f"answered {status}")
    if status == UNAUTHORIZED:
        return NotSent("the platform refuses a token that it has just given", stops_all=True, is_credentials=True)
    if status in REFUSED_ANYBODY:
        return NotSent(f"answered {status}")
    if status == TOO_MANY:
        return NotSent(f"answered {status}", stops_all=True)
    return Lost(f"answered {status}")


def _taken(reply: Reply, order: Order) -> Answer:
    try:
        made = assertion_from(the_one(reply.body), asked=order.address)
    except BrokenBody as error:
        return Lost(f"answered {reply.status} with {error}")
    if made.badge_class != order.badge_class or made.address != address_of(order.address) or made.is_revoked:
        return Lost(f"answered {reply.status} with an assertion that is not this award")
    return Issued(made)
