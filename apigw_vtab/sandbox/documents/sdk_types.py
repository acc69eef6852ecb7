"""The languages in which API Gateway generates clients: the same in every account and region.

https://docs.aws.amazon.com/cli/latest/reference/apigateway/get-sdk-types.html
"""

from __future__ import annotations

from apigw_vtab.sandbox.documents.store import Item


def _property(name: str, friendly: str, text: str, default: str | None = None) -> Item:
    member = {"name": name, "friendlyName": friendly, "description": text, "required": True}
    return member if default is None else {**member, "defaultValue": default}


def _sdk_type(sdk_id: str, name: str, *properties: Item) -> Item:
    described = {"id": sdk_id, "friendlyName": name, "description": f"{name} SDK"}
    return {**described, "configurationProperties": list(properties)} if properties else described


PACKAGE = _property("java.package-name", "Java Package Name", "Name of the Java package")
SDK_TYPES = (
    _sdk_type(
        "android",
        "Android",
        _property("invokerPackage", "Invoker package", "Package of the generated code"),
        _property("groupId", "Group ID", "Maven group ID"),
    ),
    _sdk_type("java", "Java SDK", PACKAGE),
    _sdk_type("javascript", "JavaScript"),
    _sdk_type("objectivec", "iOS (Objective-C)", _property("classPrefix", "Prefix", "Of classes")),
    _sdk_type("swift", "iOS (Swift)", _property("classPrefix", "Prefix", "Of classes")),
    _sdk_type("ruby", "Ruby", _property("service.name", "Service Name", "Of the SDK")),
)
