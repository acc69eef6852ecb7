"""A bare boto3 thread pool and nothing else: what anyone could write in ten minutes.

python -m benchmarks.bare_pool URL REGION,REGION,... RETRY_MODE
"""

import csv
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

url, regions, mode = sys.argv[1], sys.argv[2].split(","), sys.argv[3]
session = boto3.Session()
config = Config(max_pool_connections=64, retries={"mode": mode, "max_attempts": 10})
clients = {
    region: session.client("apigateway", region_name=region, endpoint_url=url, config=config)
    for region in regions
}


def rest_apis(region: str) -> list[tuple[str, str]]:
    """Return the region and id of each REST API in a region."""
    found: list[tuple[str, str]] = []
    more: dict[str, str] = {}
    while True:
        page = clients[region].get_rest_apis(limit=500, **more)
        found += [(region, api["id"]) for api in page["items"]]
        if "position" not in page:
            return found
        more = {"position": page["position"]}


def stages(api: tuple[str, str]) -> list[tuple[str, str, str]]:
    """Return a row for each stage of a REST API."""
    region, rest_api_id = api
    answer = clients[region].get_stages(restApiId=rest_api_id)
    return [(region, rest_api_id, stage["stageName"]) for stage in answer["item"]]


with ThreadPoolExecutor(64) as pool:
    apis = [api for some in pool.map(rest_apis, regions) for api in some]
    writer = csv.writer(sys.stdout)
    for rows in pool.map(stages, apis):
        writer.writerows(rows)
