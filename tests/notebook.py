"""Runs notebook.ipynb from top to bottom in its own kernel, for its test and for `make notebook`.

The outputs that are stored depend on the code and the table only: no times, Python versions or folders of this
machine.
"""

import os
import tempfile
from copy import deepcopy
from pathlib import Path

import matplotlib.font_manager  # noqa: F401 - builds the cache of fonts, about which a kernel would write to stderr
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from traitlets.config import Config

from tests.customers import PROJECT

NOTEBOOK = PROJECT / "notebook.ipynb"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read_notebook() -> NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


def run_notebook(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """The notebook with the outputs of a run; `folder` gets all files that it writes. Raises CellExecutionError."""
    ran = deepcopy(notebook)
    with tempfile.TemporaryDirectory() as sockets:  # the kernel's channels are files that only this user can reach
        client = NotebookClient(
            ran,
            kernel_name="python3",
            timeout=120,
            record_timing=False,
            coalesce_streams=True,  # else two lines would be one output or two, depending on timing
            resources={"metadata": {"path": str(PROJECT)}},
            config=Config(KernelManager={"transport": "ipc", "connection_file": f"{sockets}/kernel.json"}),
        )
        client.execute(env=os.environ | {"TMPDIR": str(folder), "IPYTHONDIR": str(folder / "ipython")})
    ran.metadata = nbformat.from_dict(METADATA)
    for cell in ran.cells:
        cell.metadata.clear()  # metadata that editors leave in cells
    return ran


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as kept_for_the_run:
        nbformat.write(run_notebook(read_notebook(), Path(kept_for_the_run)), NOTEBOOK)
