"""Why rows differ: each difference that we know, what it comes from, and where to read it."""

from __future__ import annotations

from benchmarks.side_by_side.rows import NO_ROW, Reason

_PROWLER = (
    "https://github.com/prowler-cloud/prowler/blob/3e000fa/prowler/providers/aws/services/"
    "apigateway/{0}/{0}.py"
)
_SERVICE = _PROWLER.replace("{0}/{0}", "apigateway_service")
_V2_LOGS = _PROWLER.replace("/apigateway/", "/apigatewayv2/")
_CUSTODIAN = (
    "https://github.com/cloud-custodian/cloud-custodian/blob/df800e9/c7n/resources/apigw.py"
)
_CACHE = "apigateway_restapi_cache_encrypted"
_LOGS = "apigateway_restapi_logging_enabled"
_SECRETS = "apigateway_restapi_no_secrets_in_stage_variables"
_ACCESS = "apigatewayv2_api_access_logging_enabled"
_SECRETS_LINK = _PROWLER.format(_SECRETS)
_CACHING = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html"
_STAR = (
    "The policy looks at the entry */* alone, as Custodian's own examples do; a method's own entry"
    " says otherwise."
)
_KINGFISHER = "Kingfisher, which Prowler asks, does not know this form as a secret:"

OF_PROWLER = (
    Reason(
        _CACHE,
        "PASS",
        "FAIL",
        "cache one-",
        "Prowler passes a stage as soon as one method that caches is encrypted; its description"
        " wants cached data encrypted.",
        _SERVICE,
    ),
    Reason(
        _CACHE,
        NO_ROW,
        "FAIL",
        "cache nothing-set$",
        "Prowler finds no settings and gives no result. With a cluster, AWS caches GET methods by"
        " default, unencrypted.",
        _CACHING,
    ),
    Reason(
        _LOGS,
        "PASS",
        "FAIL",
        "logging (one-silent|only-one-logs|one-traces-data)$",
        "Prowler passes a stage as soon as one method logs. Here other methods do not.",
        _SERVICE,
    ),
    Reason(
        _SECRETS,
        "PASS",
        "FAIL",
        r"access-key$",
        f"{_KINGFISHER} the id of an access key without its secret.",
        _SECRETS_LINK,
    ),
    Reason(
        _SECRETS,
        "PASS",
        "FAIL",
        r"secret-by-name$",
        f"{_KINGFISHER} the name clientSecret.",
        _SECRETS_LINK,
    ),
    Reason(
        _SECRETS,
        "PASS",
        "FAIL",
        r"in-the-canary$",
        "Prowler does not look at the variables of a canary, which callers get as well.",
        _SERVICE,
    ),
    Reason(
        _SECRETS,
        "FAIL",
        "PASS",
        r"reference$",
        "Kingfisher takes the ARN of a secret for a password because of the variable's name;"
        " Prowler's description asks for just such a reference.",
        _SECRETS_LINK,
    ),
    Reason(
        _ACCESS,
        NO_ROW,
        "FAIL",
        "Writes no access log",
        "Prowler writes all stages of an API into one result, and lists the last stage once for"
        " each.",
        _V2_LOGS.format(_ACCESS),
    ),
    Reason(
        _ACCESS,
        NO_ROW,
        "PASS",
        "Writes an access log",
        "Prowler writes all stages of an API into one result, and lists the last stage once for"
        " each.",
        _V2_LOGS.format(_ACCESS),
    ),
)

OF_CUSTODIAN = (
    Reason(
        "rest-api-policy-cross-account",
        "listed",
        NO_ROW,
        "^Has no resource policy",
        "Custodian reads a missing resource policy as one that lets everyone in. Callers of another"
        " account who sign with IAM are only let in by a policy; methods that need no signature are"
        " what method-authorization looks for.",
        _CUSTODIAN,
    ),
    Reason(
        "stage-cache-encrypted",
        NO_ROW,
        "listed",
        "cache nothing-set$",
        "The policy asks for an entry that caches. With a cluster, AWS caches GET methods by"
        " default, unencrypted.",
        _CACHING,
    ),
    Reason("stage-cache-encrypted", NO_ROW, "listed", "cache one-plain$", _STAR, _CUSTODIAN),
    Reason(
        "stage-client-certificate-expiring",
        NO_ROW,
        "listed",
        "arn:aws:acm:.* expires on",
        "Custodian looks for the certificate among those of API Gateway, and a stage may present"
        " one of ACM.",
        _CUSTODIAN,
    ),
    Reason(
        "stage-client-certificate-expiring",
        NO_ROW,
        "listed",
        "no longer exists",
        "Custodian warns of a certificate that is gone, and does not list the stage.",
        _CUSTODIAN,
    ),
    Reason("stage-data-trace", NO_ROW, "listed", "one-traces-data$", _STAR, _CUSTODIAN),
    Reason("stage-detailed-metrics", NO_ROW, "listed", "one-without-metrics$", _STAR, _CUSTODIAN),
    Reason("stage-execution-logging", NO_ROW, "listed", "one-silent$", _STAR, _CUSTODIAN),
    *(
        Reason(
            rule,
            NO_ROW,
            "listed",
            sign,
            "The only tag is CloudFormation's, aws:cloudformation:stack-name. As in AWS Config's"
            " rules, tags that AWS sets do not count for us.",
            "https://docs.aws.amazon.com/config/latest/developerguide/api-gw-stage-tagged.html",
        )
        for rule, sign in {
            "rest-api-tagged": "^no-methods$",
            "stage-tagged": "tags-of-aws$",
            "v2-api-tagged": "^last-stage-logs$",
        }.items()
    ),
    Reason(
        "stage-waf-web-acl",
        "listed",
        NO_ROW,
        "arn:aws:waf-regional:",
        "The filter wafv2-enabled looks among the web ACLs of WAF. This stage has one of WAF"
        " Classic, for which Custodian has the filter waf-enabled.",
        _CUSTODIAN,
    ),
    Reason(
        "v2-route-authorization",
        "listed",
        NO_ROW,
        r"see \$connect",
        "Of a WebSocket API, AWS asks for authorization at the route $connect alone; the others"
        " cannot have any.",
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
        "apigateway-websocket-api-control-access.html",
    ),
)
