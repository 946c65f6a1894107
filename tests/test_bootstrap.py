"""The script `lifepot` and what it installs: set up once, whatever comes between, and out of the way from then on."""

import os
import re
import shutil
import subprocess
import time
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
REQUIREMENTS = CHECKOUT / "requirements"

# A python3 that answers what the script asks, and writes down that it was asked. `{…}` decide what goes wrong.
PYTHON = """#!/bin/sh
echo "$*" >>"{calls}"
case "$*" in
    --version) echo Python 3.9.2 ;;
    *version_info*) {version} ;;
    *ensurepip*) {ensurepip} ;;
    *'-m venv'*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    *'pip install'*) [ -e "{network}" ] || {{ echo "ERROR: no matching distribution"; exit 1; }} ;;
esac
"""

TOOLS = ["sh", "cat", "cksum", "cmp", "cp", "cut", "dirname", "mkdir", "mv", "readlink", "rm", "tail"]


class Machine:
    """A machine with a fresh checkout, a made-up Python, and nothing else on its PATH but the tools that every system has."""

    def __init__(self, root: Path) -> None:
        self.checkout = root / "a checkout"
        self.network = root / "network"
        self._bin = root / "bin"
        self._calls = root / "calls"
        self.checkout.mkdir()
        self._bin.mkdir()
        self._calls.touch()
        shutil.copy(CHECKOUT / "lifepot", self.checkout)
        shutil.copytree(REQUIREMENTS, self.checkout / "requirements")
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None
            (self._bin / tool).symlink_to(found)

    def install_python(self, version: str = 'echo "$0"', ensurepip: str = "true") -> None:
        """Put a python3 on the PATH."""
        python = self._bin / "python3"
        python.write_text(
            PYTHON.format(calls=self._calls, version=version, ensurepip=ensurepip, network=self.network),
            encoding="utf-8",
        )
        python.chmod(0o755)

    def lifepot(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return subprocess.run(
            [self.checkout / "lifepot", *arguments],
            env={"PATH": str(self._bin), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """What Python was asked since the last time."""
        asked = self._calls.read_text(encoding="utf-8").splitlines()
        self._calls.write_text("", encoding="utf-8")
        return asked


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with a Python and a network."""
    machine = Machine(tmp_path)
    machine.install_python()
    machine.network.touch()
    return machine


def test_is_shell() -> None:
    """The script is plain sh."""
    subprocess.run(["sh", "-n", CHECKOUT / "lifepot"], check=True)


def test_sets_up_once(machine: Machine) -> None:
    """The first call installs, with hashes; the next asks Python for nothing but the command."""
    assert machine.lifepot("--help").returncode == 0
    first = machine.calls()
    assert any("pip install --require-hashes" in call for call in first)
    assert first[-1] == "-m lifepot --help"
    again = machine.lifepot("--help")
    assert (again.returncode, again.stderr) == (0, "")
    assert machine.calls() == ["-m lifepot --help"]


def test_a_rerun_costs_little(machine: Machine) -> None:
    """Once set up, the script takes less than a tenth of a second."""
    machine.lifepot("--help")

    def seconds() -> float:
        started = time.perf_counter()
        machine.lifepot("--help")
        return time.perf_counter() - started

    assert min(seconds() for _ in range(5)) < 0.1


def test_new_requirements_are_installed(machine: Machine) -> None:
    """After a pull that changed the pins, the next call installs them."""
    machine.lifepot("--help")
    machine.calls()
    with (machine.checkout / "requirements" / "run.txt").open("a", encoding="utf-8") as pins:
        pins.write("more==1\n")
    assert "setting up" in machine.lifepot("--help").stderr


def test_the_tests_bring_their_own(machine: Machine) -> None:
    """`./lifepot test` installs the test set, which then serves the plain commands too."""
    machine.lifepot("--help")
    assert "setting up" in machine.lifepot("test", "-k", "x").stderr
    assert machine.calls()[-1] == "-m pytest -k x"
    assert machine.lifepot("--help").stderr == ""


def test_runs_a_file(machine: Machine) -> None:
    """`./lifepot python` hands everything after it to Python."""
    machine.lifepot("python", "story.py", "--fast")
    assert machine.calls()[-1] == "story.py --fast"


def test_an_interrupted_set_up_goes_on(machine: Machine) -> None:
    """Without a network it says so in a sentence; with one, the next call ends what was begun."""
    machine.network.unlink()
    cut_off = machine.lifepot("--help")
    assert cut_off.returncode == 1
    assert "Is there a network" in cut_off.stderr
    assert "Run the same command again" in cut_off.stderr
    machine.network.touch()
    assert machine.lifepot("--help").returncode == 0


def test_an_old_python_is_refused(machine: Machine) -> None:
    """An old Python is named, with the version that is needed."""
    machine.install_python(version="echo")
    refused = machine.lifepot("--help")
    assert refused.returncode == 1
    assert refused.stderr == "lifepot: Python 3.9.2 is too old. Install Python 3.11 or newer, then run this again.\n"


def test_a_missing_python_is_named(tmp_path: Path) -> None:
    """Without any Python, the sentence says which to install."""
    assert "python3 was not found. Install Python 3.11" in Machine(tmp_path).lifepot("--help").stderr


def test_a_missing_venv_is_named(machine: Machine) -> None:
    """Where Debian has split the venv module off, its package is named."""
    machine.install_python(ensurepip="exit 1")
    assert "apt install python3-venv" in machine.lifepot("--help").stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_somebody_else_s_checkout(machine: Machine, tmp_path: Path) -> None:
    """In a checkout that cannot be written to, the environment is kept in the user's cache."""
    machine.checkout.chmod(0o500)
    assert machine.lifepot("--help", HOME=str(tmp_path)).returncode == 0
    assert list((tmp_path / ".cache" / "lifepot").glob("venv-*/installed"))
    assert "Set HOME" in machine.lifepot("--help").stderr


def test_works_through_a_link(machine: Machine, tmp_path: Path) -> None:
    """A link to the script, in a directory of the PATH, finds its checkout."""
    link = tmp_path / "linked"
    link.symlink_to(Path("a checkout") / "lifepot")
    subprocess.run([link, "--help"], env={"PATH": str(tmp_path / "bin")}, capture_output=True, check=True)
    assert (machine.checkout / ".venv" / "installed").exists()


def pins(name: str) -> set[str]:
    """The pinned versions of a requirements file."""
    return set(re.findall(r"^[a-z].*==[^ ]+", (REQUIREMENTS / name).read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_the_test_set_holds_the_run_set() -> None:
    """What is tested is what runs: the script takes the one set for the other."""
    assert pins("run.txt") < pins("test.txt")


@pytest.mark.parametrize("name", ["setup.txt", "run.txt", "test.txt"])
def test_pins_name_no_index(name: str) -> None:
    """A pin says what is fetched and never from where."""
    text = (REQUIREMENTS / name).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, flags=re.MULTILINE)


def test_the_package_needs_what_the_script_installs() -> None:
    """`pyproject.toml` and `requirements/run.in` name the same packages."""
    declared = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    lines = (REQUIREMENTS / "run.in").read_text(encoding="utf-8").splitlines()
    assert declared == [line for line in lines if line and not line.startswith("#")]
