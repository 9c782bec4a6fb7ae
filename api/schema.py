"""The OpenAPI schema: what drf-spectacular cannot see by itself."""

from drf_spectacular.openapi import AutoSchema


class FamilySchema(AutoSchema):
    """Tags operations by the family of their view."""

    def get_tags(self) -> list[str]:
        return [getattr(self.view, "family", "") or self.path.split("/")[2]]
