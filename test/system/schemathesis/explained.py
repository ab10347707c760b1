"""A check beside Schemathesis' own: a well-formed request is called invalid only for a reason a schema cannot state."""

import schemathesis

REASONS = {
    # Made by the server, or relations to what is stored.
    "must be a cursor",
    "must be a sync token",
    "must be a position token",
    "must be another user",
    "must be the seq of a message",
    "lies beyond the conversation",
    "must lie in the future",
    "must lie at most 366 days ahead",
    "must be one emoji",
    "must be an IANA time zone",
    # Rules for every string and every level of a JSON value of the client's own.
    "must hold well-formed Unicode without U+0000",
    "must be JSON of depth 8 at most",
    # Relations between parts of one request.
    "must have at most one of before, after, around and at",
    "must have either username or q",
    "a message needs content",
}

# What a query of words may be is a grammar, and each way to miss it has a code.
CODES = {"search/empty", "search/invalid-operator", "search/too-complex"}


@schemathesis.check
def refusals_are_explained(ctx, response, case):
    meta = case.meta
    if response.status_code != 400 or meta is None or not meta.generation.mode.is_positive:
        return
    if response.json()["code"] in CODES:
        return
    errors = response.json().get("errors", [])
    unexplained = [error for error in errors if error["message"] not in REASONS]
    if unexplained or not errors:
        raise AssertionError(f"Refused what the schema allows: {unexplained or response.text}")
