"""What ``pyproject.toml`` cannot say: a build takes nothing over from an earlier one."""

from __future__ import annotations

import shutil

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.egg_info import manifest_maker


class FreshBuild(build_py):
    """Collects the modules in an empty folder. Setuptools adds to what lies in ``build/``, and packs it all."""

    def run(self) -> None:
        """Empty the folder, then collect."""
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


def forget_earlier_manifest(self: manifest_maker) -> None:
    """Do not read the list of files that an earlier build left in ``*.egg-info``."""


manifest_maker.read_manifest = forget_earlier_manifest

setup(cmdclass={"build_py": FreshBuild})
