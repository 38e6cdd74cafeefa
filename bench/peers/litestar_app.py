"""The peer in Litestar."""

import uuid
from typing import Annotated

from litestar import Litestar, Request, Response, get, put
from litestar.params import Parameter

from bench.peers import work

database = work.engine()


@get("/api/v1/groups/{group:uuid}")
async def read(request: Request, group: uuid.UUID) -> Response[bytes]:
    work.take(request.client.host if request.client else "")
    body, tag = await work.read(database, group)
    return Response(body, media_type="application/json", headers={"ETag": tag})


@put("/api/v1/groups/{group:uuid}/places")
async def write(
    group: uuid.UUID, data: work.PlacesIn, authorization: Annotated[str, Parameter(header="Authorization")]
) -> Response[bytes]:
    client = work.require_token(authorization)
    work.take(client)
    content, tag = await work.write(database, client, group, data.places)
    return Response(content, media_type="application/json", headers={"ETag": tag})


def missing(request: Request, raised: Exception) -> Response[None]:
    return Response(None, status_code=404)


app = Litestar([read, write], openapi_config=None, exception_handlers={work.Missing: missing})
