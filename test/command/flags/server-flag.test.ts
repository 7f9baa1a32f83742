import { expect, test } from "vitest";
import { UsageError } from "../../../src/command/command-error.ts";
import { serverFlag } from "../../../src/command/flags/server-flag.ts";

test.each([
  [undefined, {}, "http://localhost:8787"],
  ["", { VARVE_SERVER: "https://varve.example" }, "https://varve.example"],
  ["localhost:1", { VARVE_SERVER: "https://varve.example" }, "http://localhost:1"],
  ["[::1]:1", {}, "http://[::1]:1"],
  ["varve.example", {}, "https://varve.example"],
])("%j with %j is the server %s", (flag, environment, server) => {
  expect(serverFlag(flag, environment)).toBe(server);
});

test.each([
  "ftp://varve.example",
  "not an address",
  ":::",
  "http://",
  "localhost:99999",
  "http://a?b",
  "a#b",
])("%s is not a server", (flag) => {
  expect(() => serverFlag(flag, {})).toThrow(
    new UsageError(
      `the server ${JSON.stringify(flag)} is not an http or https URL`,
      "Example: https://varve.example",
    ),
  );
});

test("the error does not contain a password in the URL", () => {
  const refused = () => serverFlag(undefined, { VARVE_SERVER: "https://name:secret@varve.example" });
  expect(refused).toThrow(UsageError);
  expect(refused).not.toThrow(/secret/);
});
