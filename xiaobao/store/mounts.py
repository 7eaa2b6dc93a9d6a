"""Where a store file lies: SQLite's locks cannot be trusted on a network share."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

_NETWORK = {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "ncpfs", "ceph", "glusterfs", "lustre"}
_MOUNTS = Path("/proc/self/mounts")


def mount_type(path: PurePosixPath, mounts: str) -> str:
    """Return the file system type that `path` lies on, given the text of /proc/mounts; empty when unknown."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = PurePosixPath(fields[1].encode().decode("unicode_escape"))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind


def is_network(kind: str) -> bool:
    """Whether a file system type is a network share, or a fuse one, which may well be."""
    return kind in _NETWORK or kind == "fuse" or kind.startswith("fuse.")


def network_notice(path: Path) -> tuple[str, ...]:
    """Return a warning when a store file lies on a network share."""
    try:
        mounts = _MOUNTS.read_text("utf-8", "replace")
    except OSError:
        return ()
    kind = mount_type(PurePosixPath(path.resolve()), mounts)
    if not is_network(kind):
        return ()
    return (f"数据库文件在网络文件系统（{kind}）上，多人同时使用可能损坏数据；请放到本机磁盘，或改用 PostgreSQL",)
