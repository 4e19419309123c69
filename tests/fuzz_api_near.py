"""Narrows the document on stdin to requests that mostly succeed: ids are small, times are times.

What it writes is for the second half of fuzz-api.sh: random ids and texts are nearly all refused, and so say
little of what is behind the refusals.
"""

import json
import sys

LAST = 2**63 - 1
IDS = 40
MOMENTS = ["2026-03-02 10:00:00", "2025-12-31", "2026-01-01T00:00:00Z"]
# What only one or some values are right for.
NAMED = {
    "uniacid": ["1"],
    "mid": [347772778973233152],
    "phoneNumber": ["13812345678", "139 0000 0000"],
    "kind": ["input", "select", "number", "date"],
    "record_time": MOMENTS[:2],
    "vipDueTime": MOMENTS,
    "value": [-10, 0, 3, 10],
    "color": ["#39b54a"],
    "lat": [25.04],
    "lng": [102.71],
    "email": ["a@example.com"],
    "url": ["https://example.com"],
    "website": ["www.example.com"],
    "role_id": [1, 2, 3],
    "role_type": [1, 2],
    "custom": [{}],
    "clue_ocpc_data": [{"value": [], "display": "x"}],
    "columns": ["{}"],
    "file": ["realName,groupName,name,sign_time\na,b,c,2026-03-02\n"],
}


def near(schema, name=None):
    """The same schema, narrowed."""
    if isinstance(schema, list):
        return [near(one, name) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("in") and isinstance(schema.get("schema"), dict):
        return {**schema, "schema": near(schema["schema"], schema["name"])}
    if name in NAMED and ("type" in schema or "enum" in schema) and schema.get("type") != "object":
        return {"enum": NAMED[name]}
    if str(schema.get("pattern", "")).endswith("^[0-9]{4}-[0-9]{2}-[0-9]{2}"):
        return {"enum": MOMENTS[1:2] if "A date" in schema.get("description", "") else MOMENTS}
    schema = {
        key: {inner: near(value, inner) for inner, value in sub.items()} if key == "properties" else near(sub)
        for key, sub in schema.items()
    }
    if schema.get("minimum") == -LAST - 1:
        return {"enum": [0, 1]}
    types = schema.get("type") if isinstance(schema.get("type"), list) else [schema.get("type")]
    if "string" in types and not {"array", "object", "integer", "number"} & set(types) and "pattern" not in schema:
        return schema if "enum" in schema else {"type": "string", "pattern": "^[a-z\u4e00-\u9fa5]{1,20}$"}
    if schema.get("minimum") == 1 and schema.get("maximum") == LAST:
        schema["maximum"] = IDS
        if isinstance(schema.get("type"), list):
            schema["type"] = [one for one in schema["type"] if one not in ("string", "null")]
    return schema


def main():
    document = json.load(sys.stdin)
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["parameters"] = near(operation["parameters"])
            if "requestBody" in operation:
                operation["requestBody"] = near(operation["requestBody"])
    json.dump(document, sys.stdout, ensure_ascii=False)


main()
