"""From what the native side says about a thrown value to the exception that Python raises.

A thrown Error arrives in three parts, since data has no room for what only a thrown one keeps: the Error as data,
its own name, and its own properties. Anything else arrives as it is.
"""

from __future__ import annotations

from ._native import ThrownError
from .errors import JSError, JSSyntaxError


def thrown_error(thrown: ThrownError) -> JSError:
    """The exception to raise."""
    detail = thrown.detail
    error: JSError
    if detail.thrown_error and thrown.has_payload:
        error, name, properties = thrown.payload
        if detail.is_syntax_error:
            cause = {"cause": error.cause} if error.has_cause else {}
            error = JSSyntaxError(error.message, stack=error.stack, **cause)
        error.name = name
        error.properties = dict(properties)
    else:
        kind = JSSyntaxError if detail.is_syntax_error else JSError
        value = {"value": thrown.payload} if thrown.has_payload else {}
        error = kind(detail.message, name="Uncaught", **value)
    error.filename = detail.filename or None
    error.line = detail.line or None
    error.column = detail.column or None
    error.end_column = detail.end_column or None
    error.source_line = detail.source_line or None
    return error
