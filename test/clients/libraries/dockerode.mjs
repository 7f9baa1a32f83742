// Uses a server through dockerode and prints the results as one JSON object.
import Docker from "dockerode";

const [host = "", context = ""] = process.argv.slice(2);
const [hostname, port] = host.split(":");
const docker = new Docker({ host: hostname, port });

const follow = (stream) =>
  new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output))),
  );

const listed = (await docker.listImages()).length > 0;
await follow(await docker.buildImage({ context, src: ["Dockerfile", "busybox"] }, { t: "node/app:1" }));
const image = docker.getImage("node/app:1");
const messages = await follow(await image.push({}));
const { Descriptor } = await image.distribution();
const removed = await image.remove();
console.log(
  JSON.stringify({
    listed,
    pushed: messages.find(({ aux }) => aux)?.aux,
    distribution: Descriptor.digest,
    removed,
  }),
);
