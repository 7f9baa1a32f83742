import { expect, test } from "vitest";
import { readOutput } from "../../src/cli/outputs.ts";

test.each<[string, object[]]>([
  ["out", [{ type: "local", dest: "out" }]],
  ["-", [{ type: "tar", dest: "-" }]],
  ["type=local,dest=out", [{ type: "local", dest: "out" }]],
  ["type=tar,dest=a.tar", [{ type: "tar", dest: "a.tar" }]],
  ["type=tar", [{ type: "tar", dest: "-" }]],
  ['type=oci,"dest=a,b.tar"', [{ type: "oci", dest: "a,b.tar", isTar: true }]],
  ["type=oci,dest=layout,tar=false", [{ type: "oci", dest: "layout", isTar: false }]],
  ["type=docker", [{ type: "load" }]],
  ["type=docker,dest=-", [{ type: "docker", dest: "-", isTar: true }]],
  ["type=registry", [{ type: "registry", names: [] }]],
  ['type=image,"name=a.io/b,c.io/d",push=true', [{ type: "registry", names: ["a.io/b", "c.io/d"] }]],
  ["type=image", []],
])("%s", (text, expected) => {
  expect(readOutput(text)).toEqual(expected);
});

test.each<[string, string]>([
  ["type=local", "dest is required for local output"],
  ["type=oci", "dest is required for oci output"],
  ["dest=out,tar=false", "type is required for output"],
  ["type=local,out", "invalid value out"],
  ["type=moon,dest=x", 'output type "moon" is none of docker, image, local, oci, registry, tar'],
])("%s: %s", (text, message) => {
  expect(() => readOutput(text)).toThrow(message);
});
