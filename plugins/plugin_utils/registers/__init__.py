# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site's registers: exceptions that are accepted and attestations of people, signed and with an end.

``reading`` turns the YAML files into entries and refuses what is malformed; ``judging`` says which entries are in
force and why the others are not; ``accepting`` applies exceptions to findings. docs/evidence.md describes the files.
"""
