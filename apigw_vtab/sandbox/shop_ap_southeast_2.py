"""The shop in Asia and the Pacific."""

from __future__ import annotations

from apigw_vtab.sandbox import shop_web
from apigw_vtab.sandbox.estate import Api, Certificate, Route, SandboxRegion, Stage
from apigw_vtab.sandbox.shop_shared import PRODUCTION

SHOP_REGIONS = (
    SandboxRegion(
        PRODUCTION,
        "ap-southeast-2",
        web_apis=shop_web.AP_SOUTHEAST_2,
        certificates=(Certificate("search", age=366, description="商品検索 prod"),),
        apis=(
            Api(
                "商品検索 API",
                description="全文検索と候補",
                routes=(
                    Route("search", "GET", "https://search.internal.example.com/q", "NONE"),
                    Route(
                        "suggest",
                        "GET",
                        "https://search.internal.example.com/s",
                        "NONE",
                        proxy=False,
                        responses=("200", "400"),
                    ),
                ),
                compression=256,
                tags={"team": "search", "env": "prod", "言語": "日本語"},
                created=869,
                stages=(
                    Stage(
                        "prod",
                        description="本番",
                        certificate="search",
                        logging="ERROR",
                        metrics=True,
                        tracing=True,
                        cache="13.5",
                        tags={"team": "search", "env": "prod"},
                    ),
                    Stage("dev", description="開発", logging="INFO", data_trace=True),
                    Stage("demo", deployed=540, updated=540),
                ),
            ),
            Api(
                "supplier-feed (O'Brien & Sons)",
                description="Nightly price lists",
                security_policy="TLS_1_2",
                routes=(
                    Route("feed", "POST", "lambda:supplier-feed"),
                    Route(
                        "feed/queue",
                        "POST",
                        "sqs:SendMessage",
                        role="send-feeds",
                        proxy=False,
                        responses=("200",),
                        more={"passthroughBehavior": "NEVER", "contentHandling": "CONVERT_TO_TEXT"},
                    ),
                ),
                created=318,
                stages=(Stage("prod", logging="ERROR", access_log=True, deployed=150),),
            ),
        ),
    ),
)
