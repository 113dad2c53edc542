from stat import S_IMODE

from rapport_service.app import create_app
from rapport_service.core.db import db
from rapport_service.core.settings import Settings
from rapport_service.migrate import upgrade


def test_only_its_owner_may_read_a_new_database_and_its_log_or_lock_it(tmp_path):
    app = create_app(Settings(bytes(32), f"sqlite:///{tmp_path}/rapport.db"))

    with app.app_context():
        upgrade(db.engine)
        modes = {
            file.name: S_IMODE(file.stat().st_mode)
            for file in tmp_path.glob("rapport.db*")
        }
        db.engine.dispose()

    assert set(modes.values()) == {0o600}
    assert {"rapport.db-wal", "rapport.db.lock"} <= set(modes)
