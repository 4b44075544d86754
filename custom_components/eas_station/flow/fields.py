"""Fields that forms have in common."""

from collections.abc import Mapping, Sequence
import math
from typing import Any, Final, override

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import probatio

from ..const import (
    CONF_AGC,
    CONF_BIAS_TEE,
    CONF_GAIN,
    CONF_PPM,
    GAIN_RANGE,
    PPM_RANGE,
    RECEIVER_OPTIONS,
)

type Fields = dict[probatio.Marker, Any]

SECTION_RECEIVER: Final = "receiver"


class _FiniteNumberSelector(NumberSelector):
    """Home Assistant's takes a text such as `nan` for a number within any limits."""

    @override
    def __call__(self, data: Any) -> float:
        value = super().__call__(data)
        if not math.isfinite(value):
            raise probatio.Invalid("Value should be a number")
        return value


def number(
    low: float, high: float, unit: str | None = None, step: float = 1
) -> NumberSelector:
    """Return a field for a number."""
    config = NumberSelectorConfig(
        min=low, max=high, step=step, mode=NumberSelectorMode.BOX
    )
    if unit is not None:
        config["unit_of_measurement"] = unit
    return _FiniteNumberSelector(config)


def choice(
    options: Mapping[str, str] | Sequence[str],
    *,
    multiple: bool = False,
    custom_value: bool = False,
    in_list: bool = False,
    translation_key: str | None = None,
) -> SelectSelector:
    """Return a field to choose from values with their labels, or from translated values."""
    shown = (
        [SelectOptionDict(value=value, label=options[value]) for value in options]
        if isinstance(options, Mapping)
        else list(options)
    )
    config = SelectSelectorConfig(
        options=shown,
        multiple=multiple,
        custom_value=custom_value,
        mode=SelectSelectorMode.LIST if in_list else SelectSelectorMode.DROPDOWN,
    )
    if translation_key is not None:
        config["translation_key"] = translation_key
    return SelectSelector(config)


def receiver_fields() -> Fields:
    """Return what is set about an RTL2832U, here or elsewhere."""
    return {
        probatio.Optional(CONF_GAIN): number(*GAIN_RANGE, "dB", 0.1),
        probatio.Required(CONF_PPM, default=0): number(*PPM_RANGE, "ppm"),
        probatio.Required(CONF_AGC, default=False): BooleanSelector(),
        probatio.Required(CONF_BIAS_TEE, default=False): BooleanSelector(),
    }


def receiver_section() -> Fields:
    """Return the same, folded away."""
    fields = section(probatio.Schema(receiver_fields()), {"collapsed": True})
    return {probatio.Required(SECTION_RECEIVER): fields}


def receiver_options(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry's options of what was typed; an empty gain is automatic."""
    options = {key: typed[key] for key in RECEIVER_OPTIONS if key in typed}
    if options.get(CONF_GAIN) is None:
        options.pop(CONF_GAIN, None)
    if CONF_PPM in options:
        options[CONF_PPM] = int(options[CONF_PPM])
    return options
