"""Where a facility's door is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from portal.core.forms import PointField, PortalForm


class PlaceForm(PortalForm):
    """Where a facility is."""

    hide_summary = True
    submit_label = gettext_lazy("保存位置")
    cancel_label = gettext_lazy("返回，不保存")

    point = PointField(
        label=gettext_lazy("坐标"),
        required=False,
        help_text=gettext_lazy(
            "先纬度后经度，例如 33.27512, 113.51640。用手机定位的坐标（WGS-84）；"
            "从高德、腾讯等地图上抄的会偏几百米。清空就不再标出"
        ),
    )


def written(latitude: Any, longitude: Any) -> str:
    """As it is typed; empty where nothing is known."""
    return "" if latitude is None else f"{latitude}, {longitude}"
