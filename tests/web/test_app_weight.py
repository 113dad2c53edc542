"""The phone app stays light enough for a weak signal."""

from rapport_service.web.assets import Asset
from tests.web import weigh


def test_app_is_below_its_limit(capsys):
    assert weigh.main() == 0
    assert capsys.readouterr().out.splitlines()[-1].endswith("kB of 60 kB")


def test_heavy_file_is_detected(monkeypatch, capsys):
    noise = bytes(n * n * 7919 % 251 for n in range(400_000))
    heavy = [Asset("/app/a.js", "text/javascript", noise + bytes(range(256)) * 4)]
    monkeypatch.setattr(weigh, "weigh", lambda asset: len(asset.data))
    monkeypatch.setattr(weigh, "list_files", lambda: heavy)

    assert weigh.main() == 1
    assert "total 402 kB" in capsys.readouterr().out
