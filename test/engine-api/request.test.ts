import { describe, expect, test } from "vitest";
import { enginePath, parseEngineRequest } from "../../src/engine-api/request.ts";

const parse = (method: string, path: string) => {
  const engine = enginePath(path);
  return engine === undefined ? "not of the Engine API" : parseEngineRequest(method, engine);
};

describe("a request of the Engine API", () => {
  test.each([
    ["HEAD", "/_ping", { kind: "ping" }],
    ["GET", "/v1.24/version", { kind: "version" }],
    ["POST", "/build", { kind: "build" }],
    ["POST", "/v1.45/build/prune", { kind: "build-prune" }],
    ["GET", "/v1.45/images/json", { kind: "list" }],
    ["GET", "/v1.45/images/team/app:1/json", { kind: "inspect", image: "team/app:1" }],
    [
      "GET",
      "/v1.45/images/localhost:8787%2Fteam%2Fapp/history",
      { kind: "history", image: "localhost:8787/team/app" },
    ],
    ["GET", "/v1.45/images/get", { kind: "save-many" }],
    ["GET", "/v1.45/images/a/get", { kind: "save", image: "a" }],
    ["DELETE", "/v1.45/images/sha256:abc", { kind: "remove", image: "sha256:abc" }],
    ["POST", "/v1.45/images/a/b/push", { kind: "push", image: "a/b" }],
    // An image may have the name of an operation.
    ["GET", "/v1.45/images/json/json", { kind: "inspect", image: "json" }],
  ])("%s %s", (method, path, asked) => {
    expect(parse(method, path)).toEqual(asked);
  });

  test.each([
    ["GET", "/v1.45/containers/json"],
    ["POST", "/v1.45/images/json"],
    ["POST", "/containers/create"],
    ["GET", "/v1.45/images/%zz/json"],
    ["GET", "/v1.45/images//json"],
  ])("%s %s is not supported", (method, path) => {
    expect(parse(method, path)).toBeUndefined();
  });

  test.each(["/v1/builds", "/v2/", "/docs", "/", "/imagesque", "/v1.x/build"])(
    "%s is not a request",
    (path) => {
      expect(parse("GET", path)).toBe("not of the Engine API");
    },
  );
});
