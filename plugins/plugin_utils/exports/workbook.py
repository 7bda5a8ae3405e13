# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All tables in one workbook for a spreadsheet."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import Any

from ansible_collections.ringfence.callcenter.plugins.plugin_utils.exports import table
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.optional_library import library
from ansible_collections.ringfence.callcenter.plugins.plugin_utils.sealed_bundle import SealedBundle

_WIDEST = 60
_LONGEST = 32767  # what a cell can hold
# Characters that XML, and so a workbook, cannot hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


def _cell(value: Any) -> Any:
    return _CONTROL.sub("\ufffd", value)[:_LONGEST] if isinstance(value, str) else value


def export(sealed: SealedBundle) -> dict[str, bytes]:
    """``evidence.xlsx``: a sheet a table, headings that stay, filters on every column.

    MissingLibrary when openpyxl is not there.
    """
    openpyxl = library("openpyxl", "openpyxl")
    bold = library("openpyxl.styles", "openpyxl").Font(bold=True)
    letter = library("openpyxl.utils", "openpyxl").get_column_letter
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in table.tables(sealed).items():
        sheet = book.create_sheet(name)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(row=number, column=column)
                cell.value = _cell(value)
                if isinstance(value, str):
                    cell.data_type = "s"  # text, even where it begins like a formula
        for cell in sheet[1]:
            cell.font = bold
        for column, title in enumerate(rows[0], 1):
            longest = max((len(str(row[column - 1])) for row in rows[:200]), default=len(str(title)))
            sheet.column_dimensions[letter(column)].width = min(max(longest, 8) + 2, _WIDEST)
        sheet.freeze_panes = "A2"
        sheet.auto_filter.ref = sheet.dimensions
    book.properties.title = f"{sealed.run['site']['title']}, {sealed.name}"
    book.properties.creator = "ringfence.callcenter"
    return {"evidence.xlsx": _saved(book, str(sealed.run["finished_at"]))}


def _saved(book: Any, finished_at: str) -> bytes:
    """The workbook's bytes, which are the same each time: its times are that of the run, those of its parts none."""
    moment = datetime.datetime.strptime(finished_at, "%Y-%m-%dT%H:%M:%SZ")
    book.properties.created = book.properties.modified = moment
    writer = library("openpyxl.writer.excel", "openpyxl").ExcelWriter
    first, second = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(first, "w", zipfile.ZIP_DEFLATED) as archive:
        writer(book, archive).write_data()
    with zipfile.ZipFile(first) as made, zipfile.ZipFile(second, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in made.infolist():
            member = zipfile.ZipInfo(part.filename)  # without a time it has that of 1980
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, made.read(part))
    return second.getvalue()
