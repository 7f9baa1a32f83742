import { expect, test } from "vitest";
import { endpointOf, parseMirrors } from "../../src/registry/remote/endpoint.ts";

test.each([
  ["docker.io", "https://registry-1.docker.io"],
  ["ghcr.io", "https://ghcr.io"],
  ["registry.test:5000", "https://registry.test:5000"],
  ["localhost:5000", "http://localhost:5000"],
  ["[::1]:5000", "http://[::1]:5000"],
  ["constructor", "https://constructor"],
])("%s is reached at %s", (host, base) => {
  expect(endpointOf(host)).toBe(base);
});

test("a registry with a mirror is reached at the mirror", () => {
  expect(endpointOf("docker.io", parseMirrors('{"docker.io":"http://127.0.0.1:5000/"}'))).toBe(
    "http://127.0.0.1:5000",
  );
});

test.each([undefined, "", " "])("there are no mirrors with the setting %j", (setting) => {
  expect(parseMirrors(setting)).toEqual({});
});

test.each([
  ["{", "not JSON"],
  ["[]", "not a JSON object"],
  ['{"docker.io":"127.0.0.1"}', '"docker.io" does not have a URL'],
  ['{"docker.io":"ftp://x"}', '"docker.io" does not have a URL'],
])("an invalid setting is reported: %s", (setting, message) => {
  expect(() => parseMirrors(setting)).toThrow(message);
});
