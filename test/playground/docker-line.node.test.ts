import { describe, expect, test } from "vitest";
import { type DockerCommand, readDockerLine } from "../../src/playground/shell/docker-line.ts";
import { imageFolder, readImageName, shownName } from "../../src/playground/shell/image-names.ts";
import { VolumeNames } from "../../src/playground/shell/volume-names.ts";

function run(line: string): Extract<DockerCommand, { kind: "run" }> {
  const command = readDockerLine(line);
  if (command.kind !== "run") throw new Error(`${line} is ${command.kind}`);
  return command;
}

describe("docker run", () => {
  test("accepts docker's flags in all spellings", () => {
    const command = run(
      'docker run --rm -it --name=web -e A=1 --env B=2 -u 1000:1000 -w /srv --read-only --entrypoint sh shop -c "echo $A"',
    );
    expect(command).toMatchObject({
      image: "shop",
      name: "web",
      isRemoved: true,
      isTerminal: true,
      isDetached: false,
    });
    expect(command.request).toEqual({
      command: ["-c", "echo $A"],
      entrypoint: "sh",
      env: ["A=1", "B=2"],
      user: "1000:1000",
      workdir: "/srv",
      mounts: [],
      readonly: true,
    });
    expect(run("docker run -d shop").isDetached).toBe(true);
    expect(run("docker container run shop ls -l").request.command).toEqual(["ls", "-l"]);
  });

  test("mounts volumes, folders of the project and memory", () => {
    const { mounts } = run(
      'docker run -v lists:/lists:ro -v "$PWD":/work -v "$PWD/src":/src --tmpfs /scratch:size=1m --mount type=volume,src=data,dst=/data,readonly --mount type=tmpfs,dst=/fast shop',
    ).request;
    expect(mounts).toEqual([
      { type: "volume", name: "lists", target: "/lists", readonly: true },
      { type: "bind", source: "", target: "/work", readonly: false },
      { type: "bind", source: "src", target: "/src", readonly: false },
      { type: "volume", name: "data", target: "/data", readonly: true },
      { type: "tmpfs", target: "/fast" },
      { type: "tmpfs", target: "/scratch" },
    ]);
  });

  test.each([
    ["docker run", /requires at least 1 argument/],
    ["docker run -p 80:80 shop", /unknown shorthand flag: 'p' in -p/],
    ["docker run --privileged shop", /unknown flag: --privileged/],
    ["docker run --name", /flag needs an argument: --name/],
    ["docker run --network host shop", /network host not found/],
    ["docker run -v data shop", /invalid volume specification: 'data'/],
    ["docker run -v ../x:/x shop", /invalid volume specification/],
    ["docker run --mount type=bind,src=name,dst=/x shop", /invalid source/],
    ["docker run --mount type=npipe,dst=/x shop", /mount type "npipe" unknown/],
    ["docker run --tmpfs scratch shop", /invalid mount path/],
  ])("rejects %s", (line, message) => {
    expect(() => readDockerLine(line)).toThrow(message);
  });
});

test.each([
  ["docker build -t site .", { kind: "build", tag: "site" }],
  ["docker image ls", { kind: "images" }],
  ["docker images", { kind: "images" }],
  ["docker ps -aq", { kind: "ps", isAll: true, isQuiet: true }],
  [
    "docker exec -it web cat /etc/passwd -n",
    { kind: "exec", container: "web", command: ["cat", "/etc/passwd", "-n"] },
  ],
  ["docker logs -f web", { kind: "logs", container: "web" }],
  ["docker stop a b", { kind: "stop", containers: ["a", "b"] }],
  ["docker rm -f a", { kind: "rm", containers: ["a"], isForced: true }],
  ["docker rmi site:1", { kind: "rmi", images: ["site:1"] }],
  ["docker tag site site:1", { kind: "tag", image: "site", names: ["site:1"] }],
  ["docker save site:1 -o site.tar", { kind: "save", images: ["site:1"], file: "site.tar" }],
  ["docker load --input=site.tar", { kind: "load", file: "site.tar" }],
  ["docker volume create lists", { kind: "volume-create", names: ["lists"] }],
  ["docker volume ls", { kind: "volumes" }],
  ["docker volume rm a b", { kind: "volume-rm", names: ["a", "b"] }],
  ["docker history site", { kind: "history", image: "site" }],
  ["docker inspect site", { kind: "inspect", image: "site" }],
  ["docker pull busybox", { kind: "pull", image: "busybox" }],
  ["docker", { kind: "help" }],
])("reads %s", (line, command) => {
  expect(readDockerLine(line)).toEqual(command);
});

test.each([
  ["ls", /ls: not found/],
  ["docker swarm init", /'swarm' is not supported on this page/],
  ["docker constructor", /'constructor' is not supported/],
  ["docker build .. ", /requires 1 argument/],
  ["docker exec web", /requires at least 2 arguments/],
  ["docker run shop 'x", /unterminated quoted string/],
  ["docker ps && docker images", /one docker command per line/],
  ["docker save site", /refusing to save to a terminal/],
])("rejects %s", (line, message) => {
  expect(() => readDockerLine(line)).toThrow(message);
});

test("names without a folder are those of the lesson, and busybox is the base image", () => {
  const host = "localhost:8787";
  const folder = imageFolder("lessons-1a2b3/commands:1");
  expect(folder).toBe("lessons-1a2b3/");
  expect(imageFolder("team/app")).toBe("");
  const read = (text: string) => {
    const { name, reference } = readImageName(text, folder, host);
    return `${name} ${reference}`;
  };
  expect(read("site")).toBe("lessons-1a2b3/site latest");
  expect(read("site:1")).toBe("lessons-1a2b3/site 1");
  expect(read("busybox")).toBe("varve/busybox latest");
  expect(read("team/app:2")).toBe("team/app 2");
  expect(read(`${host}/app`)).toBe("app latest");
  expect(read("site@sha256:00")).toBe("lessons-1a2b3/site sha256:00");
  expect(shownName("lessons-1a2b3/site", folder)).toBe("site");
  expect(shownName("varve/busybox", folder)).toBe("busybox");
  expect(shownName("team/app", "")).toBe("team/app");
});

test("a volume that is created again is a new one, also after a reload", () => {
  let stored: unknown;
  const open = () => new VolumeNames(stored, (state) => (stored = JSON.parse(state)));
  const volumes = open();
  expect(volumes.open("lists")).toBe("lists");
  expect(volumes.names).toEqual(["lists"]);
  expect(volumes.remove("lists")).toBe(true);
  expect(volumes.remove("lists")).toBe(false);
  expect(volumes.peek("lists")).toBeUndefined();
  const again = open();
  expect(again.names).toEqual([]);
  expect(again.open("lists")).toBe("lists.2");
  expect(open().peek("lists")).toBe("lists.2");
  expect(new VolumeNames(undefined, () => {}).names).toEqual([]);
});
