"""Counts what was checked, says at once what was wrong, and ends with totals and an exit code."""
import os
import sys
import time


class Checks:
    def __init__(self, title):
        self.title = title
        self.passed = 0
        self.failed = 0

    def that(self, what, fact, seen=""):
        """Counts `fact`; one that does not hold is printed with what was seen instead."""
        if fact:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {self.title}: {what}; seen: {str(seen)[:2000]}", file=sys.stderr)
        return bool(fact)

    def equal(self, what, seen, wanted):
        return self.that(f"{what} is {wanted!r}", seen == wanted, repr(seen))

    def becomes(self, what, look, good=bool, seconds=30):
        """Calls `look` until its result is good, and returns that; None when it never is."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            found = look()
            if good(found):
                self.passed += 1
                return found
            time.sleep(0.2)
        self.that(what, False, f"nothing after {seconds} s")
        return None

    def end(self, more=""):
        print(f"{self.title}: {self.passed} checks passed, {self.failed} failed{more}")
        sys.exit(1 if self.failed else 0)


def service():
    """Where the service is: its URL, and how to get a token for it when its security is on."""
    url = os.environ["SERVICE_URL"]
    token = os.environ.get("SERVICE_API_TOKEN") or None
    return url, token, f"{url}/issuer/token"
