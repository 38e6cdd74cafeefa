"""One file that holds the whole database, sealed; and the way back.

    backup.make(to=path, now=now)              -> Made(rows, size, sha256 of the file, ...)
    backup.look(path)                          -> Manifest; every byte is checked, nothing is written
    backup.restore(path, replace=False)        -> Manifest; all or nothing

SQLite is copied by its online backup API, PostgreSQL by COPY in one snapshot. The file is compressed and sealed with
AES-256-GCM in chunks under a key made from the setting BACKUP_KEY; it is read and written as a stream.
"""

from shanyraq.foundation.backup.container import Head, Manifest
from shanyraq.foundation.backup.making import Made, make
from shanyraq.foundation.backup.restoring import look, restore

__all__ = ["Head", "Made", "Manifest", "look", "make", "restore"]
