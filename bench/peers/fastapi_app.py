"""The peer in FastAPI."""

import uuid

from fastapi import FastAPI, Header, Request, Response

from bench.peers import work

app = FastAPI()
database = work.engine()


@app.exception_handler(work.Missing)
async def missing(request: Request, raised: work.Missing) -> Response:
    return Response(status_code=404)


@app.get("/api/v1/groups/{group}")
async def read(request: Request, group: uuid.UUID) -> Response:
    work.take(request.client.host if request.client else "")
    body, tag = await work.read(database, group)
    return Response(body, media_type="application/json", headers={"ETag": tag})


@app.put("/api/v1/groups/{group}/places")
async def write(group: uuid.UUID, body: work.PlacesIn, authorization: str = Header()) -> Response:
    client = work.require_token(authorization)
    work.take(client)
    content, tag = await work.write(database, client, group, body.places)
    return Response(content, media_type="application/json", headers={"ETag": tag})
