import { expect, test } from "vitest";
import { readOutput } from "../../../src/command/flags/outputs.ts";

test.each<[string, object | undefined]>([
  ["out", { type: "local", dest: "out" }],
  ["-", { type: "tar", dest: "-" }],
  ["type=local,dest=out", { type: "local", dest: "out" }],
  ["type=tar,dest=a.tar", { type: "tar", dest: "a.tar" }],
  ["type=tar", { type: "tar", dest: "-" }],
  ['type=oci,"dest=a,b.tar"', { type: "oci", dest: "a,b.tar", isTar: true, names: [] }],
  ["type=oci,dest=layout,tar=false", { type: "oci", dest: "layout", isTar: false, names: [] }],
  ["type=docker", { type: "load", names: [] }],
  ["type=docker,name=a:1,dest=-", { type: "docker", dest: "-", isTar: true, names: ["a:1"] }],
  ["type=registry", { type: "registry", names: [], byDigest: false }],
  [
    'type=image,"name=a.io/b,c.io/d",push=true',
    { type: "registry", names: ["a.io/b", "c.io/d"], byDigest: false },
  ],
  ["type=image", undefined],
  ["type=oci", { type: "oci", dest: "-", isTar: true, names: [] }],
  ["type=cacheonly", undefined],
])("%s", (text, expected) => {
  expect(readOutput(text).output).toEqual(expected);
});

test.each<[string, string]>([
  ["type=local", "dest is required for local output"],
  ["type=local,dest=-", "dest cannot be stdout for local output of a folder"],
  ["type=oci,dest=-,tar=false", "dest cannot be stdout for oci output of a folder"],
  ["type=oci,dest=", "dest is empty for oci output"],
  ["type=tar,dest=", "dest is empty for tar output"],
  ["type=oci,tar=false", "dest is required for oci output"],
  ["dest=out,tar=false", "type is required for output"],
  ["type=local,out", "invalid value out"],
  ["type=local,dest=a,shiny=1", '--output type=local has no key "shiny"'],
  ["type=local,dest=a,annotation.a=b", '--output type=local has no key "annotation.a"'],
  ["type=image,push=maybe", 'non-bool value specified for push: "maybe"'],
  ["type=image,compression-level=high", 'compression-level "high" is not a number from 0 to 22'],
  ["type=local,dest=a,mode=delete", 'mode "delete" is not supported'],
  [
    "type=moon,dest=x",
    'unsupported output type "moon": it must be one of cacheonly, docker, image, local, oci, registry, tar',
  ],
])("%s: %s", (text, message) => {
  expect(() => readOutput(text)).toThrow(message);
});
