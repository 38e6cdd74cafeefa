"""The one way in which data of people leave as a file: with a purpose, a quota, a second person, a mark and a trace.

    exports.register(Kind("group_list", ...))       what can leave, once, when the applications are ready
    class GroupFile(ExportPage): kind = "group_list"     its page: small lists in one click, big ones on request

A small list goes out at once; a big one waits until someone else, of the level above, has approved it, and is then made
by a job, kept sealed for some days, and removed. Every row carries a code that leads back to the file and its taker.
The modules load late: this package is a Django application.
"""

from shanyraq.foundation.exports.kinds import Asked, Kind, Row, register

__all__ = ["Asked", "Kind", "Row", "register"]
