"""A control plane of AWS for tests and benchmarks: API Gateway, STS, EC2's regions, Organizations.

    estate = ServedEstate.numbered(regions=4, rest_apis=20, stages=3)
    with serve(estate, latency=0.06, quota=Quota(10, 40)) as plane:
        client = boto3.client("apigateway", endpoint_url=plane.url, ...)
        client.get_rest_apis()
        plane.count("GetRestApis")

With `own_process=True` it shares no interpreter lock with its clients, which a benchmark needs;
`python -m tests.control_plane` starts one by hand.
"""

from .estate import DEFAULT_REGIONS, ServedEstate, access_key
from .faults import KINDS, Fault
from .handle import Plane, serve
from .log import Counts, ServedCall
from .quota import Quota

__all__ = [
    "DEFAULT_REGIONS",
    "KINDS",
    "Counts",
    "Fault",
    "Plane",
    "Quota",
    "ServedCall",
    "ServedEstate",
    "access_key",
    "serve",
]
