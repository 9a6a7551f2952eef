"""`JSRegExp`: a regular expression as JavaScript has it, and its translation to `re` where that is exact."""

from __future__ import annotations

import re
from typing import Final

FLAGS: Final = "dgimsuvy"


class JSRegExp:
    """A RegExp by its source and flags, both as JavaScript writes them."""

    __slots__ = ("__weakref__", "_flags", "_source")

    def __init__(self, source: str, flags: str = "") -> None:
        if any(flag not in FLAGS for flag in flags) or len(set(flags)) != len(flags):
            raise ValueError(f"invalid regular expression flags: {flags!r}")
        if "u" in flags and "v" in flags:
            raise ValueError("the flags u and v exclude each other")
        self._source = source
        # JavaScript lists them in alphabetical order, whatever order they were given in.
        self._flags = "".join(sorted(flags))

    @property
    def source(self) -> str:
        """The pattern between the slashes."""
        return self._source

    @property
    def flags(self) -> str:
        """The flags in alphabetical order."""
        return self._flags

    def compile(self) -> re.Pattern[str]:
        """The same pattern as a compiled `re` pattern.

        The flags d, g and y say how to search, not what matches, and are left out. Raises ValueError where `re` reads
        the pattern otherwise or not at all: classes of the v flag, \\p{…}, \\c, named groups of names that Python
        refuses …
        """
        return re.compile(to_python(self._source, self._flags), _python_flags(self._flags))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JSRegExp):
            return NotImplemented
        return self._source == other._source and self._flags == other._flags

    def __hash__(self) -> int:
        return hash((JSRegExp, self._source, self._flags))

    def __repr__(self) -> str:
        return f"JSRegExp({self._source!r}, {self._flags!r})"

    def __str__(self) -> str:
        return f"/{self._source}/{self._flags}"

    def __reduce__(self) -> tuple[type[JSRegExp], tuple[str, str]]:
        return (JSRegExp, (self._source, self._flags))


def _python_flags(flags: str) -> re.RegexFlag:
    result = re.RegexFlag(0)
    if "i" in flags:
        result |= re.IGNORECASE
    return result


# What both languages read alike after a backslash. Python's \d, \w, \s and \b are replaced by explicit classes, as they
# are Unicode-wide there.
_SPACE: Final = r"\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_CLASSES: Final = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACE}
_LINE_END: Final = r"\n\r\u2028\u2029"
_WORD_BOUNDARY: Final = r"(?:(?<![A-Za-z0-9_])(?=[A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?![A-Za-z0-9_]))"
_NO_WORD_BOUNDARY: Final = r"(?:(?<![A-Za-z0-9_])(?![A-Za-z0-9_])|(?<=[A-Za-z0-9_])(?=[A-Za-z0-9_]))"
_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/-")


def to_python(source: str, flags: str) -> str:
    """The JavaScript pattern in `re`'s syntax. Raises ValueError where there is no exact counterpart."""
    if "v" in flags:
        raise ValueError("re has no counterpart to the v flag")
    if any(ord(unit) > 0xFFFF for unit in source) and "u" not in flags:
        raise ValueError("without the u flag JavaScript matches UTF-16 code units, which re does not")
    if "i" in flags and not source.isascii():
        raise ValueError("JavaScript and re fold the case of letters beyond ASCII differently")
    pattern = _Translation(source, flags).run()
    try:
        re.compile(pattern, _python_flags(flags))
    except (re.error, OverflowError) as error:
        raise ValueError(f"re cannot compile /{source}/: {error}") from None
    return pattern


class _Translation:
    """One pass over a pattern, left to right."""

    def __init__(self, source: str, flags: str) -> None:
        self.source = source
        self.flags = flags
        self.at = 0
        self.out: list[str] = []

    def run(self) -> str:
        source = self.source
        while self.at < len(source):
            char = source[self.at]
            if char == "\\":
                self.out.append(self.escape(in_class=False))
                continue
            if char == "[":
                self.out.append(self.char_class())
                continue
            if char == "(":
                self.group()
                continue
            if char == "{" and not re.compile(r"\{\d+(,\d*)?\}").match(source, self.at):
                # A lone brace is itself in JavaScript, and {,3} is too, which re reads as {0,3}.
                self.out.append("\\{")
            elif char in "*+?}" and source[self.at + 1 : self.at + 2] == "+":
                raise ValueError("a possessive quantifier to re, an error to JavaScript")
            elif char == ".":
                self.out.append(r"[\s\S]" if "s" in self.flags else f"[^{_LINE_END}]")
            elif char == "^":
                self.out.append(f"(?:(?<![\\s\\S])|(?<=[{_LINE_END}]))" if "m" in self.flags else r"(?<![\s\S])")
            elif char == "$":
                self.out.append(f"(?=[{_LINE_END}]|\\Z)" if "m" in self.flags else r"\Z")
            else:
                self.out.append(char)
            self.at += 1
        return "".join(self.out)

    def group(self) -> None:
        named = re.compile(r"\(\?<([A-Za-z_][A-Za-z0-9_]*)>").match(self.source, self.at)
        if named:
            self.out.append(f"(?P<{named[1]}>")
            self.at = named.end()
            return
        for opening in ("(?:", "(?=", "(?!", "(?<=", "(?<!"):
            if self.source.startswith(opening, self.at):
                self.out.append(opening)
                self.at += len(opening)
                return
        if self.source.startswith("(?", self.at):
            raise ValueError(f"re reads the group at {self.at} of /{self.source}/ otherwise")
        self.out.append("(")
        self.at += 1

    def char_class(self) -> str:
        """A bracket expression. `[` inside is a letter to both; an empty class is legal in JavaScript only."""
        source = self.source
        self.at += 1
        negated = source.startswith("^", self.at)
        self.at += negated
        parts: list[str] = []
        while True:
            if self.at >= len(source):
                raise ValueError(f"unterminated character class in /{source}/")
            char = source[self.at]
            if char == "]":
                self.at += 1
                break
            if char == "\\":
                parts.append(self.escape(in_class=True))
                continue
            # Doubled set operators would warn in re; escaped they stay letters.
            parts.append("\\" + char if char in "[&~|" else char)
            self.at += 1
        if not parts:
            return r"[\s\S]" if negated else r"(?!)"
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def escape(self, in_class: bool) -> str:
        source = self.source
        char = source[self.at + 1 : self.at + 2]
        self.at += 2
        if char in _CLASSES:
            return _CLASSES[char] if in_class else f"[{_CLASSES[char]}]"
        if char and char in "DWS" and not in_class:
            return f"[^{_CLASSES[char.lower()]}]"
        if char == "b":
            return r"\x08" if in_class else _WORD_BOUNDARY
        if char == "B" and not in_class:
            return _NO_WORD_BOUNDARY
        if char and char in "tnvfr":
            return "\\" + char
        if char == "0" and not source[self.at : self.at + 1].isdigit():
            return r"\x00"
        if char == "x" and (code := re.compile("[0-9a-fA-F]{2}").match(source, self.at)):
            self.at = code.end()
            return f"\\x{code[0]}"
        if char == "u":
            if code := re.compile("[0-9a-fA-F]{4}").match(source, self.at):
                self.at = code.end()
                if 0xD800 <= int(code[0], 16) <= 0xDFFF:
                    raise ValueError("a surrogate in a pattern: re matches code points")
                return f"\\u{code[0]}"
            if "u" in self.flags and (code := re.compile(r"\{([0-9a-fA-F]+)\}").match(source, self.at)):
                self.at = code.end()
                return f"\\U{int(code[1], 16):08x}"
        if char == "k" and not in_class and (name := re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>").match(source, self.at)):
            self.at = name.end()
            return f"(?P={name[1]})"
        if char and char in _SYNTAX:
            return "\\" + char
        raise ValueError(f"\\{char} in /{source}/ has no exact counterpart in re")


def from_python(pattern: re.Pattern[str] | re.Pattern[bytes]) -> JSRegExp:
    """A compiled `re` pattern as a RegExp.

    I, M and S become i, m and s; a str pattern is a Unicode one and gets u. Raises ValueError for what JavaScript has
    not or reads otherwise: patterns of bytes, VERBOSE, LOCALE and DEBUG, inline flags, conditionals, comments,
    possessive and atomic groups, \\A, \\Z, octal escapes, and \\d, \\w, \\s and \\b in patterns that were not compiled
    with re.ASCII. `(?P<name>…)` and `(?P=name)` are translated.
    """
    if isinstance(pattern.pattern, bytes):
        raise ValueError("a pattern of bytes has no counterpart in JavaScript: compile it from a str")
    allowed = re.IGNORECASE | re.MULTILINE | re.DOTALL | re.UNICODE | re.ASCII
    refused = re.RegexFlag(pattern.flags) & ~allowed
    if refused:
        raise ValueError(f"JavaScript has no counterpart to {refused!r}: write the pattern without it")
    source: str = pattern.pattern
    ascii_only = bool(pattern.flags & re.ASCII)
    out: list[str] = []
    at = 0
    in_class = False
    while at < len(source):
        char = source[at]
        if char == "\\":
            piece, at = _python_escape(source, at, ascii_only, in_class)
            out.append(piece)
            continue
        if not in_class and source.startswith("(?", at):
            piece, at = _python_group(source, at)
            out.append(piece)
            continue
        if char == "[" and not in_class:
            in_class = True
            out.append("[")
            at += 1
            if source.startswith("^", at):
                out.append("^")
                at += 1
            if source.startswith("]", at):  # A first bracket is a letter to re, the end to JavaScript.
                out.append("\\]")
                at += 1
            continue
        if char == "]":
            out.append("]" if in_class else "\\]")
            in_class = False
        elif char == "[":
            out.append("\\[")
        elif not in_class and char == "{":
            counted = re.compile(r"\{(\d*)(,?)(\d*)\}").match(source, at)
            if counted and (counted[1] or counted[3]):
                out.append(f"{{{counted[1] or '0'}{counted[2]}{counted[3]}}}")
                at = counted.end()
                if source.startswith("+", at):
                    raise ValueError("JavaScript has no possessive quantifiers")
                continue
            out.append("\\{")
        elif not in_class and char == "}":
            out.append("\\}")
        elif not in_class and char in "*+?" and source.startswith("+", at + 1):
            raise ValueError("JavaScript has no possessive quantifiers")
        elif not in_class and char == "$" and not pattern.flags & re.MULTILINE:
            out.append(r"(?=\n?$)")  # To re, $ is also before a last newline.
        elif not in_class and char == "$":
            out.append(r"(?![^\n])")
        elif not in_class and char == "^" and pattern.flags & re.MULTILINE:
            out.append(r"(?<![^\n])")
        elif not in_class and char == "." and not pattern.flags & re.DOTALL:
            out.append(r"[^\n]")
        elif char == "/":
            out.append("\\/")
        elif char == "\n":
            out.append("\\n")
        else:
            out.append(char)
        at += 1
    letters = {re.IGNORECASE: "i", re.DOTALL: "s"}
    flags = "u" + "".join(letter for flag, letter in letters.items() if pattern.flags & flag)
    return JSRegExp("".join(out) or "(?:)", flags)


def _python_escape(source: str, at: int, ascii_only: bool, in_class: bool) -> tuple[str, int]:
    char = source[at + 1]
    if char in "dDwWsSbB" and not (in_class and char in "bB"):
        if not ascii_only or char in "sS":
            raise ValueError(
                f"\\{char} differs between JavaScript and re: compile with re.ASCII, or write the class out"
            )
        return "\\" + char, at + 2
    if char == "b":
        return "\\b", at + 2
    if char in "nrtvf":
        return "\\" + char, at + 2
    if char in "123456789" and not in_class and not source[at + 2 : at + 4].isdigit():
        return "\\" + char, at + 2
    if char == "0" and not source[at + 2 : at + 3].isdigit():
        return "\\0", at + 2
    if char == "a":
        return "\\x07", at + 2
    if char == "x":
        return source[at : at + 4], at + 4
    if char == "u":
        return source[at : at + 6], at + 6
    if char == "U":
        return f"\\u{{{int(source[at + 2 : at + 10], 16):x}}}", at + 10
    if char.isalnum():
        raise ValueError(f"JavaScript has no counterpart to \\{char}")
    # With the u flag JavaScript allows a backslash only where it is needed.
    return ("\\" + char if char in "^$\\.*+?()[]{}|/" or (char == "-" and in_class) else char), at + 2


def _python_group(source: str, at: int) -> tuple[str, int]:
    if named := re.compile(r"\(\?P<([^>]*)>").match(source, at):
        return f"(?<{named[1]}>", named.end()
    if reference := re.compile(r"\(\?P=([^)]*)\)").match(source, at):
        return f"\\k<{reference[1]}>", reference.end()
    for opening in ("(?:", "(?=", "(?!", "(?<=", "(?<!"):
        if source.startswith(opening, at):
            return opening, at + len(opening)
    raise ValueError(f"JavaScript has no counterpart to the group at {at} of {source!r}")
