"""The gateways that are compared: how each is installed, started and called."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from calls.load import Cell, request_of
from calls.mock import UPSTREAM

PLACE = Path(os.environ.get("PILOTHOUSE_BENCH_DIR", Path(tempfile.gettempdir()) / "pilothouse-bench"))
OURS, LITELLM, PORTKEY = 9401, 9402, 9403
MASTER = f"sk-{secrets.token_hex(32)}"


class Rival:
    """One gateway: how it is started, called, and what it calls itself."""

    name, port, path = "", 0, "/v1/chat/completions"
    all_cells = True

    def command(self) -> list[str]:
        raise NotImplementedError

    def request(self, cell: Cell) -> bytes:
        raise NotImplementedError

    def ready(self) -> str:
        """Install what is missing; returns why it cannot run, or nothing."""
        return ""

    def environment(self) -> dict[str, str]:
        return {}


class Direct(Rival):
    name, port = "upstream alone", UPSTREAM

    def request(self, cell: Cell) -> bytes:
        return request_of(f"/d{cell.delay}{self.path}", cell, "mock", {})


class Pilothouse(Rival):
    name, port = "Pilothouse", OURS
    durability, deep = "process", False

    def ready(self) -> str:
        from pilothouse.contracts.policy.snapshot import Alias, Budget, Inspection, Limits, Price, Target, Upstream
        from pilothouse.gateway.tests.house import KEY, House, system

        self.home = Path(tempfile.mkdtemp(prefix="pilothouse-bench-"))
        house, self.key = House(self.home, f"http://127.0.0.1:{UPSTREAM}"), KEY
        since = house.snapshot.issued_at
        secret = "file:secrets/harbour/provider"
        house.write(
            systems={
                "sys": system(limits=Limits(10_000_000, 10_000_000_000, 1_000), inspection=Inspection(deep=self.deep))
            },
            upstreams={
                f"d{d}": Upstream(f"d{d}", f"http://127.0.0.1:{UPSTREAM}/d{d}/v1", "openai", secret) for d in (0, 50)
            },
            aliases={f"d{d}": Alias(f"d{d}", (Target(f"d{d}", "mock"),)) for d in (0, 50)},
            prices={f"d{d}/mock": (Price("p", since, 1_000_000, 2_000_000),) for d in (0, 50)},
            budgets={"system:sys": (Budget("b", "Cap", "system", "sys", "day", 10**15),)},
        )
        return ""

    def command(self) -> list[str]:
        serve = (
            "from pathlib import Path; from pilothouse.gateway.gateway import Settings\n"
            "from pilothouse.gateway.run import claim, serve_until_told\n"
            f"settings = Settings(Path({str(self.home)!r}), {self.durability!r})\n"
            f"serve_until_told(claim('127.0.0.1', {self.port}), 1, settings)"
        )
        return [sys.executable, "-c", serve]

    def request(self, cell: Cell) -> bytes:
        return request_of(self.path, cell, f"d{cell.delay}", {"authorization": f"Bearer {self.key}"})


class Durable(Pilothouse):
    name, durability, all_cells = "Pilothouse, records survive a power cut", "power", False


class Deep(Pilothouse):
    name, deep, all_cells = "Pilothouse, names and addresses too", True, False

    def ready(self) -> str:
        try:
            from pilothouse.gateway.inspection.deep.reader import Reader
        except ImportError:
            return "nothing here looks for them"
        return super().ready() if Reader().installed else "the extra “deep” is not installed"


class LiteLlm(Rival):
    name, port = "LiteLLM", LITELLM

    def ready(self) -> str:
        python = PLACE / "litellm" / "bin" / "python"
        if not python.exists():
            uv = shutil.which("uv") or str(Path(__file__).resolve().parents[2] / ".uv" / "bin" / "uv")
            made = subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(PLACE / "litellm")], check=False)
            made = (
                made.returncode
                or subprocess.run([uv, "pip", "install", "-q", "-p", str(python), "litellm[proxy]"]).returncode
            )
            if made:
                return "it could not be installed"
        models = [
            {"model_name": f"d{d}", "litellm_params": {"model": "openai/mock", "api_key": "x",
                                                       "api_base": f"http://127.0.0.1:{UPSTREAM}/d{d}/v1"}}
            for d in (0, 50)
        ]  # fmt: skip
        config = {"model_list": models, "general_settings": {"master_key": MASTER},
                  "litellm_settings": {"telemetry": False}}  # fmt: skip
        (PLACE / "litellm.yaml").write_text(json.dumps(config))
        show = "import importlib.metadata as m; print(m.version('litellm'))"
        self.name = "LiteLLM " + subprocess.check_output([python, "-c", show], text=True).strip()
        return ""

    def command(self) -> list[str]:
        program = str(PLACE / "litellm" / "bin" / "litellm")
        return [program, "--config", str(PLACE / "litellm.yaml"), "--port", str(self.port), "--host", "127.0.0.1"]

    def environment(self) -> dict[str, str]:
        return {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_PROXY": "127.0.0.1"}

    def request(self, cell: Cell) -> bytes:
        return request_of(self.path, cell, f"d{cell.delay}", {"authorization": f"Bearer {MASTER}"})


class Portkey(Rival):
    name, port = "Portkey", PORTKEY

    def ready(self) -> str:
        if not shutil.which("node"):
            return "there is no node on this machine"
        self.module = PLACE / "portkey" / "node_modules" / "@portkey-ai" / "gateway"
        if not self.module.exists():
            (PLACE / "portkey").mkdir(parents=True, exist_ok=True)
            npm = ["npm", "install", "--no-fund", "--no-audit", "--silent", "@portkey-ai/gateway"]
            if subprocess.run(npm, cwd=PLACE / "portkey", check=False).returncode:
                return "it could not be installed"
        self.name = "Portkey " + json.loads((self.module / "package.json").read_text())["version"]
        return ""

    def command(self) -> list[str]:
        return ["node", str(self.module / "build" / "start-server.js"), f"--port={self.port}", "--headless"]

    def environment(self) -> dict[str, str]:
        return {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"}

    def request(self, cell: Cell) -> bytes:
        host = f"http://127.0.0.1:{UPSTREAM}/d{cell.delay}/v1"
        headers = {"x-portkey-provider": "openai", "x-portkey-custom-host": host, "authorization": "Bearer x"}
        return request_of(self.path, cell, "mock", headers)
