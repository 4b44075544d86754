"""Taking the tables of a TOML file apart, with a clear word for whatever is wrong."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..errors import EasError

BEYOND: Final = 1e12


def is_whole(value: object) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and is_number(value)


class ConfigError(EasError):
    """The file does not say what it has to; the text names the place and what to write."""


def is_number(value: object) -> bool:
    """Whether a value is a number; true, false, nan and what is beyond all measure are none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) < BEYOND


class Table:
    """A table of the file, whose keys are taken one by one; what is left was misspelt.

    All that takes raises ConfigError.
    """

    def __init__(
        self, told: Mapping[str, Any], where: str, environment: Mapping[str, str]
    ) -> None:
        """Take what it holds, what it is called, and the variables that it may name."""
        self._left = dict(told)
        self._where = where
        self._environment = environment

    def any(self, key: str) -> Any:
        """Take a value of any kind, None where there is none."""
        return self._left.pop(key, None)

    def text(self, key: str) -> str | None:
        """Take a text, in one line."""
        text = self._of(key, str, "a text in quotes")
        if text is not None and not text.isprintable():
            raise self._wrong(key, "a text in quotes, in one line")
        return text

    def must(self, key: str) -> str:
        """Take a text that has to be there."""
        text = self.text(key)
        if not text:
            raise ConfigError(f"Write {key} in {self._where}.")
        return text

    def flag(self, key: str, *, usual: bool = False) -> bool:
        """Take true or false."""
        found = self._of(key, bool, "true or false")
        return usual if found is None else found

    def number[Usual: (float, None)](
        self, key: str, usual: Usual, *, least: float | None = None
    ) -> float | Usual:
        """Take a number, which is at least so much."""
        value = self.any(key)
        if value is None:
            return usual
        if not is_number(value) or (least is not None and value < least):
            raise self._wrong(
                key, "a number" if least is None else f"at least {least:g}"
            )
        return float(value)

    def list_of[Item](self, key: str, kind: type[Item]) -> tuple[Item, ...] | None:
        """Take a list of one kind."""
        value = self.any(key)
        if value is None:
            return None
        fits = is_number if kind is float else lambda each: isinstance(each, kind)
        if not isinstance(value, list) or not all(fits(each) for each in value):
            raise self._wrong(key, "a list in brackets")
        return tuple(value)

    def secret(self, key: str, *, plain: bool = False) -> str | None:
        """Return what is in `key_file`, in the variable `key_env`, or plainly there."""
        file, variable = self.text(f"{key}_file"), self.text(f"{key}_env")
        if file is not None:
            try:
                return Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigError(
                    f"Put the {key} of {self._where} into {file}, and let the agent read it."
                ) from error
        if variable is not None:
            if variable not in self._environment:
                raise ConfigError(f"Set the environment variable {variable}.")
            return self._environment[variable]
        if not plain and key in self._left:
            raise ConfigError(
                f"Put the {key} of {self._where} into a file of its own, and name that as {key}_file."
            )
        return self.text(key)

    def table(self, key: str, *, optional: bool = False) -> Any:
        """Take a table, None only where it is optional."""
        value = self._of(key, dict, "a table")
        if value is None:
            if optional:
                return None
            raise ConfigError(f"Write a table [{key}] in {self._where}.")
        return Table(value, f"[{key}]", self._environment)

    def tables(self, key: str) -> list[Table]:
        """Take a list of tables."""
        value = self.any(key)
        if not isinstance(value, list) or not all(
            isinstance(one, dict) for one in value
        ):
            raise ConfigError(f"Write at least one table [[{key}]].")
        return [Table(one, f"[[{key}]]", self._environment) for one in value]

    def end(self) -> None:
        """Raise ConfigError for what nobody took."""
        if self._left:
            names = ", ".join(sorted(self._left))
            raise ConfigError(
                f"Nothing is known of {names} in {self._where}: take it out."
            )

    def _of[Kind](self, key: str, kind: type[Kind], what: str) -> Kind | None:
        value = self.any(key)
        if value is not None and not isinstance(value, kind):
            raise self._wrong(key, what)
        return value

    def _wrong(self, key: str, what: str) -> ConfigError:
        return ConfigError(f"Write {key} in {self._where} as {what}.")
