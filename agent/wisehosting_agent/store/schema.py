"""The tables. Forward only: a step is appended, never changed; `user_version` counts the steps that ran."""

STEPS: tuple[str, ...] = (
    """
    CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, created REAL NOT NULL) STRICT;
    CREATE TABLE instances (
        instance TEXT PRIMARY KEY,
        team TEXT NOT NULL DEFAULT '',
        environment TEXT NOT NULL DEFAULT '',
        status TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '',
        detail TEXT NOT NULL DEFAULT '',
        container TEXT NOT NULL DEFAULT '',
        host_port INTEGER,
        stop_seconds REAL NOT NULL DEFAULT 10,
        exit_code INTEGER,
        restarts INTEGER NOT NULL DEFAULT 0,
        backoff INTEGER NOT NULL DEFAULT 0,
        next_start_at REAL NOT NULL DEFAULT 0,
        created_at REAL NOT NULL DEFAULT 0,
        verified_start REAL NOT NULL DEFAULT 0,
        was_ready INTEGER NOT NULL DEFAULT 0,
        oom_kills INTEGER NOT NULL DEFAULT 0,
        stopped_by_us INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE ports (
        port INTEGER PRIMARY KEY,
        instance TEXT UNIQUE,
        free_at REAL NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE jobs (
        job TEXT PRIMARY KEY,
        attempt INTEGER NOT NULL,
        spec BLOB NOT NULL,
        status TEXT NOT NULL,
        result TEXT NOT NULL DEFAULT '',
        created REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE routes (app TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE log_subjects (
        subject TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        path TEXT NOT NULL,
        inode INTEGER NOT NULL DEFAULT 0,
        "offset" INTEGER NOT NULL DEFAULT 0,
        acked INTEGER NOT NULL DEFAULT 0,
        ended INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE secrets (
        environment TEXT NOT NULL,
        version INTEGER NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (environment, version)
    ) STRICT, WITHOUT ROWID;
    """,
)
