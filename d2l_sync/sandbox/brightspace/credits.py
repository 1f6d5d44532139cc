"""The bucket of credits that calls are paid from: refilled each minute by the server's clock."""

from dataclasses import dataclass
from datetime import datetime

from d2l_sync.sandbox.web import Response


@dataclass(slots=True)
class Bucket:
    """capacity: credits a minute. shows_headers: whether ordinary answers tell of it; some applications see none."""

    capacity: int = 50_000
    cost: int = 10
    shows_headers: bool = True
    _minute: int = 0
    _spent: int = 0

    def refill(self) -> None:
        self._spent = 0

    def pay(self, now: datetime) -> Response | None:
        """Pay for one call; return the 429 when the bucket is empty. Only Retry-After stands on that."""
        minute = int(now.timestamp() // 60)
        if minute != self._minute:
            self._minute, self._spent = minute, 0
        if self._spent + self.cost > self.capacity:
            return Response(429, headers=(("Retry-After", str(_until_refill(now))),))
        self._spent += self.cost
        return None

    def stamped(self, response: Response, now: datetime) -> Response:
        """Add the three headers, where they are shown."""
        if not self.shows_headers:
            return response
        return response.with_headers(
            ("X-Rate-Limit-Remaining", str(self.capacity - self._spent)),
            ("X-Request-Cost", str(self.cost)),
            ("X-Rate-Limit-Reset", str(_until_refill(now))),
        )


def _until_refill(now: datetime) -> int:
    return 60 - int(now.timestamp() % 60)
