"""The child process of a trial: a job as JSON on stdin, what was found as JSON on stdout."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from scheduler.configuration.config import load_configuration
from scheduler.trials.of_rule import rule_tried
from scheduler.trials.of_site import site_tried
from storage.errors import AccordwatchError
from storage.trials import TrialKind

_TRIALS = {TrialKind.SITE: site_tried, TrialKind.RULE: rule_tried}


def main() -> None:
    """Do the job; see the module."""
    job: dict[str, Any] = json.loads(sys.stdin.buffer.read())
    try:
        chosen = load_configuration(Path(job["configuration"]))
        found = _TRIALS[TrialKind(job["kind"])](chosen, job["asked"])
    except AccordwatchError as error:
        found = {"fault": "refused", "line": str(error)}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
