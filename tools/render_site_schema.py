# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/site.schema.json: the keys of ``site.yml`` as a JSON Schema, for editors.

It is generated from plugins/plugin_utils/site_model/schema.py and says what that says: names, types, choices and which
keys are required. What values have to do with each other (addresses, references, flows) only the inventory plugin
checks. With ``--check`` nothing is written and a file that is not up to date is an error.
"""

from __future__ import annotations

import argparse
import json
import keyword
import re
import sys
from typing import Any

from tools.checkout import ROOT, make_importable

make_importable()

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.site_model import (  # noqa: E402  # see above
    schema,
    shapes,
)

OUTPUT = ROOT / "docs" / "site.schema.json"
DRAFT = "http://json-schema.org/draft-07/schema#"  # what editors know best

# One line that is not blank and holds no template: see shapes.Text.
_LINE = r"^(?![\s\S]*(?:\{\{|\{%|\{#))\s*[^\x00-\x1f\x7f\s][^\x00-\x1f\x7f]*$"
_PORT = r"0*(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])"
_DATE = r"^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$"


def of_shape(shape: Any) -> dict[str, Any]:
    """The schema of one shape."""
    found: dict[str, Any] = _MAKERS[type(shape)](shape)
    return found


def _text(shape: shapes.Text) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "string", "description": shape.expects, "pattern": _LINE}
    if shape.pattern is not None:
        found["allOf"] = [{"pattern": _whole(shape.pattern)}]
    return {"anyOf": [found, {"type": "integer"}]} if shape.numbers else found


def _whole(pattern: re.Pattern[str]) -> str:
    """A pattern that must match the whole text, as JSON Schema looks for it anywhere."""
    return f"^(?:{pattern.pattern})$"


def _choice(shape: shapes.Choice) -> dict[str, Any]:
    return {"enum": list(shape.choices)}


def _number(shape: shapes.Whole) -> dict[str, Any]:
    return {"type": "integer", "minimum": shape.least, "maximum": shape.most}


def _date(_shape: shapes.Date) -> dict[str, Any]:
    return {"type": "string", "description": "a date such as 2027-06-30", "pattern": _DATE}


def _time(shape: shapes.Time) -> dict[str, Any]:
    midnight = "|24:00" if shape.midnight else ""
    pattern = f"^(?:{shapes.TIME_PATTERN.pattern}{midnight})$"
    return {"type": "string", "description": "a time of day such as '08:30'", "pattern": pattern}


def _port(_shape: shapes.Port) -> dict[str, Any]:
    return {
        "anyOf": [
            {"type": "integer", "minimum": 1, "maximum": 65535},
            {"type": "string", "pattern": f"^{_PORT}(?:-{_PORT})?$"},
        ],
        "description": "a port or a range such as '10000-20000'",
    }


def _items(shape: shapes.Items) -> dict[str, Any]:
    item = of_shape(shape.item)
    found: dict[str, Any] = {"type": "array", "items": item, "uniqueItems": True}
    if not shape.may_be_empty:
        found["minItems"] = 1
    return {"anyOf": [item, found]} if shape.one_alone else found


def _table(shape: shapes.Table) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "additionalProperties": of_shape(shape.value)}
    if shape.name.pattern is not None:
        found["propertyNames"] = {"pattern": _whole(shape.name.pattern)}
    if not shape.may_be_empty:
        found["minProperties"] = 1
    return found


def _record(shape: shapes.Record) -> dict[str, Any]:
    found: dict[str, Any] = {
        "type": "object",
        "properties": {name: of_shape(field.shape) for name, field in shape.fields.items()},
        "additionalProperties": False,
    }
    required = [name for name, field in shape.fields.items() if field.required]
    if required:
        found["required"] = required
    return found


def _rows(shape: shapes.Rows) -> dict[str, Any]:
    return {"type": "array", "items": of_shape(shape.record)}


def _variables(_shape: shapes.Variables) -> dict[str, Any]:
    taken = f"^(?:{shapes.DERIVED_VARIABLE.pattern}|{'|'.join(keyword.kwlist)})$"
    return {"type": "object", "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "not": {"pattern": taken}}}


_MAKERS: dict[type, Any] = {
    shapes.Text: _text,
    shapes.Choice: _choice,
    shapes.Whole: _number,
    shapes.Date: _date,
    shapes.Time: _time,
    shapes.Port: _port,
    shapes.Items: _items,
    shapes.Table: _table,
    shapes.Record: _record,
    shapes.Rows: _rows,
    shapes.Variables: _variables,
}


def rendered() -> dict[str, Any]:
    """The whole schema."""
    return {
        "$schema": DRAFT,
        "title": "Site model of ringfence.callcenter",
        "description": "Generated from the collection's site_model/schema.py; docs/site_model.md explains every key.",
        **of_shape(schema.MODEL),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or with ``--check`` only compare; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.render_site_schema", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail when the file is not up to date")
    options = parser.parse_args(arguments)
    text = json.dumps(rendered(), indent=1) + "\n"
    if not options.check:
        OUTPUT.write_text(text, encoding="utf-8")
        return 0
    if OUTPUT.is_file() and OUTPUT.read_text(encoding="utf-8") == text:
        return 0
    name = OUTPUT.relative_to(ROOT)
    print(f"{name} is not up to date: run python -m tools.render_site_schema", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
