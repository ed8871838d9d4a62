"""The client with an event loop, and the server in this process, without a socket."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from algomancy_client import AsyncClient, RunFailed, Unauthorized

from ..support.servers import DATA

api = pytest.importorskip("algomancy_api", reason="the server is not installed in this environment")


def new_app(folder: Path, **keywords: object) -> object:
    from algomancy_api.example import build_example_config

    return api.ApiLauncher.build(build_example_config(folder, persistence_backend="none", **keywords))


@pytest.mark.anyio
async def test_a_sweep_from_files_to_kpis(tmp_path: Path) -> None:
    app = new_app(tmp_path)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http,
        AsyncClient("http://test", http_client=http) as client,
    ):  # type: ignore[arg-type]
        session = await client.session()
        data = await session.upload("base", DATA / "cities.csv", DATA / "instance.csv")
        runs = await session.sweep("Nearest neighbour", data, start_city=[1, 2])
        await runs.wait(timeout=60, check=True)
        assert list((await runs.kpis())["start_city"]) == [1, 2]
        assert len(await data["cities"]) == 442
        assert (await runs.compare(baseline=runs[1])).baseline == runs[1].id
        assert [each.key for each in await session.datasets()] == ["base"]
        run = await session.run("Slow", data, duration=60)
        await run.cancel()
        with pytest.raises(RunFailed, match="Cancelled"):
            await run.wait(timeout=60)
        assert [line async for line in run.log()] == []
    app.state.session_manager.shutdown()  # type: ignore[attr-defined]


@pytest.mark.anyio
async def test_tokens(tmp_path: Path) -> None:
    app = new_app(tmp_path, tokens=[api.Token("reader", "a-secret-of-a-test", "read", ["*"])])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:  # type: ignore[arg-type]
        with pytest.raises(Unauthorized) as caught:
            await AsyncClient("http://test", http_client=http).sessions()
        assert caught.value.request_id
        client = AsyncClient("http://test", token="a-secret-of-a-test", http_client=http)  # noqa: S106
        assert [session.name for session in await client.sessions()] == ["main"]
    app.state.session_manager.shutdown()  # type: ignore[attr-defined]
