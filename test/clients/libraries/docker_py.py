"""What docker's library for Python does with a server, as one JSON object."""

import json
import sys

import docker

client = docker.DockerClient(base_url=sys.argv[1])
context = sys.argv[2]
result = {"listed": len(client.images.list()) > 0}
image, _ = client.images.build(path=context, tag="python/app:1")
result["built"] = image.tags and [tag for tag in image.tags if tag.startswith("python/")]
try:
    client.images.build(path=context, dockerfile="Broken")
except docker.errors.BuildError as error:
    result["error"] = str(error)
pushed = list(client.images.push("python/app", tag="1", stream=True, decode=True))
result["pushed"] = any("aux" in message for message in pushed)
client.images.remove("python/app:1")
result["removed"] = [tag for one in client.images.list("python/app") for tag in one.tags]
result["df"] = len(client.df()["Images"]) > 0
print(json.dumps(result))
