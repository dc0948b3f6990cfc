"""The examples of the READMEs run as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import LIMIT

FOLDER = Path(__file__).parents[1]


FILES = {"package": FOLDER / "README.md", "repository": FOLDER.parent / "README.md"}
EXAMPLES = [
    pytest.param(text, id=name)
    for name, file in FILES.items()
    for text in re.findall(r"```python\n(.*?)```", file.read_text(encoding="utf-8"), re.DOTALL)
]


@pytest.mark.parametrize("program", EXAMPLES)
def test_an_example_runs(program: str, tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    file.write_text(program, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-W", "error", file], capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "hello" in result.stdout


def test_the_example_of_a_test_passes(tmp_path: Path) -> None:
    (program,) = re.findall(r"```py\n(.*?)```", FILES["package"].read_text(encoding="utf-8"), re.DOTALL)
    file = tmp_path / "test_example.py"
    file.write_text(program, encoding="utf-8")
    command = [
        sys.executable,
        "-W",
        "error",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",
        str(file),
    ]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert result.returncode == 0, result.stdout
    assert "1 passed" in result.stdout
