import { describe, expect, test } from "vitest";
import { parseSecretFlag, parseSshFlag } from "../../src/machine/secret-flags.ts";

describe("--secret", () => {
  test.each([
    ["id=a", { id: "a" }],
    ["id=a,src=./file", { id: "a", file: "./file" }],
    ["ID=a,source=f,type=file", { id: "a", file: "f" }],
    ["id=a,env=NAME", { id: "a", env: "NAME" }],
    ["type=env,id=a,src=NAME", { id: "a", env: "NAME" }],
    ['id=a,"src=a,b ""c"""', { id: "a", file: 'a,b "c"' }],
    ["id=a,src=k=v", { id: "a", file: "k=v" }],
  ])("%s", (text, source) => expect(parseSecretFlag(text)).toEqual(source));

  test.each([
    ["src=f", "has no id"],
    ["id", "invalid field 'id' must be a key=value pair"],
    ["id=a,", "invalid field '' must be a key=value pair"],
    ["id=a,x=y", "unexpected key 'x' in 'x=y'"],
    ["id=a,type=socket", 'unsupported secret type "socket"'],
    ['id=a,"src', 'parse error on line 1, column 10: extraneous or missing " in quoted-field'],
  ])("%s is rejected", (text, message) => expect(() => parseSecretFlag(text)).toThrow(message));
});

test.each([
  ["default", { id: "default", paths: [] }],
  ["", { id: "default", paths: [] }],
  ["git=/run/agent", { id: "git", paths: ["/run/agent"] }],
  ["git=a,b", { id: "git", paths: ["a", "b"] }],
])("--ssh %s", (text, source) => expect(parseSshFlag(text)).toEqual(source));
