"""Our own web client in Chromium, up to four people in a call: the stories stand in `web_client/e2e/call.test.ts`."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.running import ROOT

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]


def test_people_meet_in_browsers(server: int) -> None:
    environment = {**os.environ, "SERVER_URL": f"http://127.0.0.1:{server}"}
    run = subprocess.run(["npm", "run", "--silent", "e2e"], cwd=ROOT / "web_client", env=environment, check=False)
    assert run.returncode == 0, "what failed stands in the output above"
