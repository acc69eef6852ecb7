"""The declared certificates of ACM and web ACLs as AWS describes them."""

from __future__ import annotations

from apigw_vtab.sandbox.estate import AcmCertificate
from apigw_vtab.sandbox.ground import Ground

WEB_ACL = "shop-perimeter"


def acm_arn(ground: Ground, label: str) -> str:
    """Return the ARN of the certificate of ACM with this label, whether declared or gone."""
    return ground.arn("acm", f"certificate/{ground.uuid('acm', label)}")


def add_acm_certificate(ground: Ground, declared: AcmCertificate) -> None:
    """Add what DescribeCertificate tells of a certificate."""
    path = ("acm", declared.label)
    made = ground.at(declared.age, *path)
    arn = acm_arn(ground, declared.label)
    came = "ImportedAt" if declared.is_imported else "IssuedAt"
    ground.backend.neighbours.certificates[arn] = {
        "CertificateArn": arn,
        "DomainName": declared.domain,
        "SubjectAlternativeNames": [declared.domain],
        "Subject": f"CN={declared.domain}",
        "Issuer": "Amazon",
        "Serial": ":".join(f"{one:02x}" for one in ground.uuid(*path, "serial").bytes),
        "CreatedAt": made,
        **({came: made} if declared.status == "ISSUED" else {}),
        "Status": declared.status,
        "NotBefore": made,
        "NotAfter": ground.at(-declared.ends, *path),
        "KeyAlgorithm": "RSA_2048",
        "SignatureAlgorithm": "SHA256WITHRSA",
        "InUseBy": [],
        "Type": "IMPORTED" if declared.is_imported else "AMAZON_ISSUED",
        "KeyUsages": [{"Name": "DIGITAL_SIGNATURE"}, {"Name": "KEY_ENCIPHERMENT"}],
        "RenewalEligibility": "INELIGIBLE" if declared.is_imported else "ELIGIBLE",
        "Options": {"CertificateTransparencyLoggingPreference": "ENABLED"},
    }


def web_acl_arn(ground: Ground) -> str:
    """Return the ARN of the one web ACL of an account and region."""
    return ground.arn("wafv2", f"regional/webacl/{WEB_ACL}/{ground.uuid('webacl')}")


def add_web_acl(ground: Ground) -> None:
    """Add what GetWebACL tells of that web ACL."""
    arn = web_acl_arn(ground)
    visibility = {
        "SampledRequestsEnabled": True,
        "CloudWatchMetricsEnabled": True,
        "MetricName": WEB_ACL,
    }
    managed = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
    ground.backend.neighbours.web_acls[arn] = {
        "Name": WEB_ACL,
        "Id": arn.rpartition("/")[2],
        "ARN": arn,
        "DefaultAction": {"Allow": {}},
        "Description": "In front of the shop's APIs",
        "Rules": [
            {
                "Name": "common",
                "Priority": 0,
                "Statement": {"ManagedRuleGroupStatement": managed},
                "OverrideAction": {"None": {}},
                "VisibilityConfig": visibility,
            }
        ],
        "VisibilityConfig": visibility,
        "Capacity": 700,
        "ManagedByFirewallManager": False,
    }
