# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the files of a cluster say, and what the probe makes of what the server's programs print."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.ringfence.callcenter.plugins.module_utils.probes import _postgresql, postgresql_auth_delay
from ansible_collections.ringfence.callcenter.plugins.module_utils.probes.base import Completed, Host, NotApplicable

MAIN = Path("etc/postgresql/17/main")


def write(root: Path, **texts: str) -> None:
    """Files of a cluster; two underscores stand for a slash, one for what it is."""
    for name, text in texts.items():
        path = root / MAIN / (name.replace("__", "/") + ".conf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


class Server(Host):
    """A host whose server answers what it is told to."""

    def __init__(self, root: Path, answers: dict[str, str]) -> None:
        super().__init__(str(root))
        self.answers = answers

    def run(self, *argv: str, stdin: str = "", needs_root: bool = False) -> Completed:
        """The first answer whose key is a word of the command; postgres knows no other settings."""
        del stdin, needs_root
        for key, answer in self.answers.items():
            if key in argv:
                return Completed(0, answer, "")
        return Completed(1, "", "FATAL:  unrecognized configuration parameter")


def test_lines_are_read_in_the_order_of_the_server(tmp_path: Path) -> None:
    """Includes in their place, names in any case, quotes, and what ALTER SYSTEM wrote at last."""
    write(
        tmp_path,
        postgresql=f"data_directory = '{tmp_path}/data'  # a comment\nShared_Preload_Libraries = 'a'\n"
        "include_dir 'conf.d'\n#port = 1\nport 5433\n",
        conf__d="",
    )
    write(tmp_path, **{"conf.d__20": "shared_preload_libraries = 'b, \"c\"'", "conf.d__.hidden": "port = 1"})
    host = Host(str(tmp_path))
    (cluster,) = _postgresql.clusters(host)
    files = _postgresql.files(host, cluster)
    last = files.last(_postgresql.LIBRARIES)
    assert cluster.text == "17/main"
    assert last is not None
    assert (_postgresql.names(last.value), last.path) == (["b", "c"], "/etc/postgresql/17/main/conf.d/20.conf")
    before = files.last(_postgresql.LIBRARIES, without=last.path)
    assert before is not None
    assert before.value == "a"
    assert [one.value for one in files.settings if one.name == "port"] == ["5433"]


def test_an_include_of_itself_ends(tmp_path: Path) -> None:
    """The server gives up at ten; so does this."""
    write(tmp_path, postgresql="include 'postgresql.conf'\n")
    host = Host(str(tmp_path))
    assert len(_postgresql.files(host, _postgresql.clusters(host)[0]).read) == 11


@pytest.mark.parametrize(
    ("text", "wanted"), [("4000", 4000), ("4s", 4000), ("4 s", 4000), ("1min", 60000), ("", 0), ("4 weeks", 0)]
)
def test_times(text: str, wanted: float) -> None:
    """As the server takes them."""
    assert _postgresql.milliseconds(text) == wanted


def test_a_library_of_others_that_is_hidden_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next start loads what the last file names."""
    write(tmp_path, postgresql="shared_preload_libraries = 'pgaudit,auth_delay'\ninclude_dir = 'conf.d'\n")
    write(tmp_path, **{"conf.d__zz": "shared_preload_libraries = 'auth_delay'\n"})
    monkeypatch.setattr(_postgresql, "owner", lambda _host, _cluster: "postgres")
    host = Server(tmp_path, {"shared_preload_libraries": "auth_delay\n", "auth_delay.milliseconds": "4000\n"})
    seen = postgresql_auth_delay.observe(host, {"view": "files", "file": "zz.conf"}).value
    assert seen == {
        "clusters": ["17/main"],
        "not_loading": [],
        "shortest_pause_milliseconds": 4000,
        "lost_libraries": ["17/main: pgaudit"],
    }


def test_the_running_server_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no pause."""
    write(tmp_path, postgresql="")
    monkeypatch.setattr(_postgresql, "owner", lambda _host, _cluster: "postgres")
    lines = {"pg_lsclusters": "17 main 5432 online postgres /d /l\n", "psql": "shared_preload_libraries\tpgaudit\n"}
    seen = postgresql_auth_delay.observe(Server(tmp_path, lines), {"view": "server"}).value
    assert (seen["not_loading"], seen["shortest_pause_milliseconds"]) == (["17/main"], 0)


def test_hosts_without_a_cluster_or_with_one_that_is_down(tmp_path: Path) -> None:
    """There is nothing to look at, which is said and is no pass."""
    with pytest.raises(NotApplicable, match="there is no cluster"):
        postgresql_auth_delay.observe(Host(str(tmp_path)), {"view": "files"})
    write(tmp_path, postgresql="")
    with pytest.raises(NotApplicable, match="runs on this host now"):
        postgresql_auth_delay.observe(
            Server(tmp_path, {"pg_lsclusters": "17 main 5432 down postgres /d /l\n"}), {"view": "server"}
        )
