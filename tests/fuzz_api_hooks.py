"""What fuzz-api.sh changes in the requests schemathesis makes."""

from urllib.parse import urlencode

import schemathesis

LONG = 1_000
ADDRESS_MAX = 60_000
MANY = 100


@schemathesis.hook
def before_call(context, case, kwargs):
    """Two things a schema cannot say of a query.

    Addresses over 64 kB are refused before there is a request: long texts get short characters; their length
    in characters, which is what the document limits, stays; and lists that are too much together are cut. And an
    empty value is as if it had not been sent, whatever its type: it becomes one that is wrong for every type but
    text.
    """
    for name, value in (case.query or {}).items():
        case.query[name] = [sendable(one) for one in value] if isinstance(value, list) else sendable(value)
    if len(urlencode(case.query or {}, doseq=True)) > ADDRESS_MAX:
        for name, value in case.query.items():
            case.query[name] = value[:MANY] if isinstance(value, list) else value


def sendable(value):
    if value == "":
        return "!"
    return "a" * len(value) if isinstance(value, str) and len(value) > LONG else value
