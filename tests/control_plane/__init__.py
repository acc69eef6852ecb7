"""A control plane of AWS for tests and benchmarks: API Gateway, STS and EC2's regions.

    estate = Estate.numbered(regions=4, rest_apis=20, stages=3)
    with serve(estate, latency=0.06, quota=Quota(10, 40)) as plane:
        client = boto3.client("apigateway", endpoint_url=plane.url, ...)
        client.get_rest_apis()
        plane.count("GetRestApis")

With `own_process=True` it shares no interpreter lock with its clients, as a benchmark needs it;
`python -m tests.control_plane` starts one by hand.
"""

from .estate import DEFAULT_REGIONS, Estate, access_key
from .faults import KINDS, Fault
from .handle import Plane, serve
from .log import Call, Counts
from .quota import Quota

__all__ = [
    "DEFAULT_REGIONS",
    "KINDS",
    "Call",
    "Counts",
    "Estate",
    "Fault",
    "Plane",
    "Quota",
    "access_key",
    "serve",
]
