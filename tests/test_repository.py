"""The repository keeps its own promises: lock, layout, imports, documentation, and the search for a Python."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PACKAGES = ("analyses", "causal", "data", "models")
HEAVY = {"arviz", "dowhy", "matplotlib", "nutpie", "pymc", "pytensor"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SHELL = shutil.which("sh") or "sh"


def committed() -> list[Path]:
    """Every file that git tracks and that is still there, relative to the top of the repository."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def modules() -> list[str]:
    """The dotted names of the committed modules of the four packages."""
    paths = [path for path in committed() if path.suffix == ".py" and path.parts[0] in PACKAGES]
    return sorted(".".join(path.with_suffix("").parts) for path in paths if path.stem != "__init__")


def summary(module: str) -> str:
    """The first line of a module's docstring, without its full stop."""
    tree = ast.parse((ROOT / module.replace(".", "/")).with_suffix(".py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0].rstrip(".")


def locked() -> dict[str, list[Version]]:
    """The versions that the lock pins, one for each range of Pythons, by canonical name."""
    pins: dict[str, list[Version]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^ ;]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE):
        pins.setdefault(canonicalize_name(name), []).append(Version(version))
    return pins


def test_every_declared_dependency_is_locked_at_a_version_it_allows() -> None:
    declared = [
        *PROJECT["dependencies"],
        *(line for extra in PROJECT["optional-dependencies"].values() for line in extra),
    ]
    pins = locked()
    for requirement in map(Requirement, declared):
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement.name} is not in requirements.lock: run `make lock`"
        assert all(version in requirement.specifier for version in versions), f"{requirement}: {versions}"


def test_every_package_that_the_code_imports_is_declared() -> None:
    imported = set()
    for path in committed():
        if path.suffix == ".py" and path.parts[0] in PACKAGES:
            for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    imported.add(node.module.partition(".")[0])
    extra = PROJECT["optional-dependencies"]["dask"]
    declared = {canonicalize_name(Requirement(line).name) for line in [*PROJECT["dependencies"], *extra]}
    foreign = imported - set(sys.stdlib_module_names) - set(PACKAGES)
    assert {name for name in foreign if canonicalize_name(name) not in declared} == set()


def test_every_locked_package_has_a_hash() -> None:
    text = (ROOT / "requirements.lock").read_text()
    pins = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(pins) > len(PROJECT["dependencies"])
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_no_committed_file_names_a_machine_or_a_registry() -> None:
    folders = "|".join(["work", "root", "tmp", "home", "opt"])
    hosts = "|".join(["py" + r"pi\.org", "python" + r"hosted\.org"])
    forbidden = re.compile(rf"(?<![\w.~)}}/-])/({folders})/\w|{hosts}")
    found = []
    for path in committed():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            lines = content.decode("utf-8").splitlines()
            found += [f"{path}:{number}: {line}" for number, line in enumerate(lines, 1) if forbidden.search(line)]
    assert found == []


def test_the_lock_names_no_address() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()


def test_the_scripts_can_be_executed() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-s", ".ci"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    modes = {line.split("\t")[1]: line.split()[0] for line in listed.splitlines()}
    assert set(modes) >= {".ci/find-python", ".ci/run", ".ci/set-up"}
    assert set(modes.values()) == {"100755"}


def test_the_architecture_page_lists_exactly_the_modules_there_are() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_]+(?:\.[a-z_0-9]+)+)` \|", page, re.MULTILINE)
    assert sorted(rows) == sorted(set(rows)), "a module is listed twice"
    missing = [f"| `{name}` | {summary(name)} |" for name in modules() if name not in rows]
    gone = sorted(set(rows) - set(modules()))
    assert not missing, "add to the table of docs/architecture.md:\n" + "\n".join(missing)
    assert not gone, f"remove from the table of docs/architecture.md: {gone}"


def test_no_module_has_grown_past_what_a_reader_can_hold() -> None:
    paths = [path for path in committed() if path.suffix == ".py" and path.parts[0] in PACKAGES]
    lengths = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in paths}
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def imported_by(names: list[str]) -> set[str]:
    """The top-level packages that a new interpreter has loaded once it has imported these modules."""
    code = f"import {', '.join(names)}; import sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_theory_and_data_import_without_the_sampler() -> None:
    names = [name for name in modules() if name.startswith(("causal.", "data."))]
    assert names
    assert imported_by(names) & HEAVY == set()


def test_a_study_is_loaded_and_the_command_starts_without_the_sampler() -> None:
    assert imported_by(["causal.theory", "data.codebook", "models.study", "analyses.cli"]) & HEAVY == set()


@pytest.mark.slow
def test_a_wheel_holds_every_committed_file_of_the_packages(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for path in committed():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, source / path)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(tmp_path), str(source)], check=True)
    (wheel,) = tmp_path.glob("casewise-*.whl")
    held = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith(PACKAGES)}
    assert held == {path.as_posix() for path in committed() if path.parts[0] in PACKAGES}


# The search for a Python.
# A fake interpreter answers as a real one of that version; a broken one fails as pyenv's shims do.


def fake(path: Path, minor: int | None) -> Path:
    """An executable that passes for Python 3.`minor`, or for a broken one when None."""
    path.parent.mkdir(parents=True, exist_ok=True)
    answer = "exit 127" if minor is None else f'[ "$3" = {minor} ] && echo "{path}"'
    path.write_text(f"#!{SHELL}\n{answer}\n")
    path.chmod(0o755)
    return path


def find_python(home: Path, *, path: Path) -> subprocess.CompletedProcess[str]:
    """What the search answers to a user whose PATH is one folder."""
    environment = {"PATH": str(path), "HOME": str(home)}
    script = str(ROOT / ".ci" / "find-python")
    return subprocess.run([SHELL, script], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["python3", "python", "python3.12"])
def test_a_python_on_the_path_is_found_under_any_of_its_names(tmp_path: Path, name: str) -> None:
    python = fake(tmp_path / "bin" / name, 12)
    assert find_python(tmp_path, path=tmp_path / "bin").stdout.split() == [str(python)]


def test_the_best_tested_python_is_preferred(tmp_path: Path) -> None:
    for minor in (11, 12, 14):
        fake(tmp_path / "bin" / f"python3.{minor}", minor)
    best = fake(tmp_path / ".pyenv" / "versions" / "3.13.2" / "bin" / "python", 13)
    assert find_python(tmp_path, path=tmp_path / "bin").stdout.split() == [str(best)]


def test_a_broken_shim_is_passed_over_for_the_version_behind_it(tmp_path: Path) -> None:
    fake(tmp_path / "bin" / "python3.13", None)
    real = fake(tmp_path / ".pyenv" / "versions" / "3.13.0" / "bin" / "python", 13)
    assert find_python(tmp_path, path=tmp_path / "bin").stdout.split() == [str(real)]


def test_uv_is_asked_when_there_is_no_other_python(tmp_path: Path) -> None:
    uv = fake(tmp_path / "bin" / "uv", None)
    uv.write_text(f'#!{SHELL}\n[ "$1 $2" = "python find" ] && echo "found by uv"\n')
    assert find_python(tmp_path, path=tmp_path / "bin").stdout == "found by uv\n"


def test_without_a_suitable_python_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    fake(tmp_path / "bin" / "python3", 11)
    fake(tmp_path / "bin" / "python3.12", None)
    answer = find_python(tmp_path, path=tmp_path / "bin")
    assert answer.returncode == 1
    assert answer.stdout == ""
    (sentence,) = answer.stderr.splitlines()
    assert sentence.startswith("casewise needs Python 3.12, 3.13 or 3.14")
    assert "install" in sentence


def test_the_python_running_this_is_acceptable_even_from_inside_a_virtual_environment(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").write_text(f'#!{SHELL}\nexec "{sys.executable}" "$@"\n')
    (tmp_path / "bin" / "python3").chmod(0o755)
    found = find_python(tmp_path, path=tmp_path / "bin").stdout.strip()
    code = "import sys; print(sys.version_info[:2], sys.prefix == sys.base_prefix)"
    told = subprocess.run([found, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told == f"{sys.version_info[:2]} True\n"
