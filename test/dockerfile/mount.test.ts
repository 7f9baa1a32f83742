import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readByteSize } from "../../src/dockerfile/byte-size.ts";
import { readFields } from "../../src/dockerfile/csv.ts";
import { readDevice } from "../../src/dockerfile/device.ts";
import { readDuration } from "../../src/dockerfile/duration.ts";
import { Fault } from "../../src/dockerfile/fault.ts";
import { checkMount, readMount } from "../../src/dockerfile/mount.ts";

describe("a mount", () => {
  test.each([
    ["target=/a", { type: "bind", target: "/a", readonly: true }],
    [
      "type=bind,source=a,dst=/b,from=c,rw",
      {
        type: "bind",
        source: "a",
        target: "/b",
        from: "c",
        readonly: false,
      },
    ],
    [
      "TYPE=Cache,id=a,destination=/b,sharing=Locked,mode=0700,uid=1,gid=2",
      {
        type: "cache",
        cacheId: "a",
        target: "/b",
        sharing: "locked",
        mode: 0o700,
        uid: 1,
        gid: 2,
        readonly: false,
      },
    ],
    [
      "type=tmpfs,target=/a,size=1.5m",
      { type: "tmpfs", target: "/a", sizeLimit: 1_572_864, readonly: false },
    ],
    [
      "type=secret,id=a,env=B,required",
      {
        type: "secret",
        cacheId: "a",
        env: "B",
        required: true,
        readonly: true,
      },
    ],
    ["type=ssh,required=false,ro=false", { type: "ssh", required: false, readonly: false }],
    ['"target=/a,b",readwrite=0', { type: "bind", target: "/a,b", readonly: true }],
  ])("%s", (text, expected) => expect(readMount(text)).toEqual(expected));

  test.each([
    ["typ=bind", "unexpected key 'typ' in 'typ=bind' (did you mean type?)"],
    ["type=tmp", 'unsupported mount type "tmp" (did you mean tmpfs?)'],
    ["type=cache,sharing=share", 'unsupported sharing value "share" (did you mean shared?)'],
    ["type=bind,sharing=shared", "invalid cache sharing set for bind mount"],
    ["type=bind,mode=0755", 'mode not allowed for "bind" type mounts'],
    ["type=tmpfs,uid=1", 'uid not allowed for "tmpfs" type mounts'],
    ["type=cache,mode=8", "invalid value 8 for mode"],
    ["type=cache,uid=4294967296", "invalid value 4294967296 for uid"],
    ["type=tmpfs,size=big", "invalid value for size: big"],
    ["type=cache,size=1", "unexpected key 'size' for mount type 'cache'"],
    ["required", "unexpected key 'required' for mount type 'bind'"],
    ["target", "invalid field 'target' must be a key=value pair"],
    ["ro=maybe", "invalid value for ro: maybe"],
    ["type=secret", "invalid secret mount. one of source, target required"],
    ["type=secret,id=a,source=b", "both source and id can't be set"],
    ["__proto__=a", "unexpected key '__proto__' in '__proto__=a'"],
  ])("%s is rejected", (text, message) => {
    expect(() => readMount(text)).toThrow(Fault);
    expect(() => readMount(text)).toThrow(message);
  });

  test("is expanded value by value", () => {
    expect(readMount("target=$A,source=b", (value) => value.replace("$A", "/a,ro=false"))).toEqual({
      type: "bind",
      target: "/a,ro=false",
      source: "b",
      readonly: true,
    });
  });

  test("is checked for a variable in from before it is expanded", () => {
    expect(() => checkMount("type=$T,from=a$B")).toThrow("'from' doesn't support variable expansion");
    expect(() => checkMount("type=$T,from=a$")).not.toThrow();
  });
});

describe("a device", () => {
  test.each([
    ["vendor/class=name", { name: "vendor/class=name", required: false }],
    ["name=a/b,required", { name: "a/b", required: true }],
    ["a/b,required=0", { name: "a/b", required: false }],
  ])("%s", (text, expected) => expect(readDevice(text)).toEqual(expected));

  test("has one name", () => {
    expect(() => readDevice("a,name=b")).toThrow("device name already set to a");
    expect(() => readDevice("a,requird=1")).toThrow(
      "unexpected key 'requird' in 'requird=1' (did you mean required?)",
    );
  });
});

describe("fields", () => {
  test.each([
    ["a", ["a"]],
    ["a,,b,", ["a", "", "b", ""]],
    ['"a,b",c', ["a,b", "c"]],
    ['"a""b",""', ['a"b', ""]],
    ["a\n", ["a"]],
  ])("%j", (text, expected) => expect(readFields(text, "parse/mount", "mounts")).toEqual(expected));

  test.each([
    ["", "EOF"],
    ['a"b', 'parse error on line 1, column 2: bare " in non-quoted-field'],
    ['"a"b', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'],
    ['x,"ab', 'parse error on line 1, column 4: extraneous or missing " in quoted-field'],
  ])("%j is rejected", (text, reason) => {
    expect(() => readFields(text, "parse/mount", "mounts")).toThrow(`failed to parse csv mounts: ${reason}`);
  });

  test("are read back after they were quoted", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (fields) => {
        const text = fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(",");
        expect(readFields(text, "parse/mount", "mounts")).toEqual(fields);
      }),
    );
  });
});

describe("durations", () => {
  test.each([
    ["0", 0],
    ["1h2m3s", 3_723_000_000_000],
    ["1.5s", 1_500_000_000],
    [".5ms", 500_000],
    ["-1us", -1000],
    ["+1µs", 1000],
    ["1.", undefined],
    ["", undefined],
    ["s", undefined],
    ["1d", undefined],
    ["1 s", undefined],
    ["9999999999h", undefined],
    ["__proto__", undefined],
  ])("%s", (text, expected) => {
    if (expected === undefined) expect(() => readDuration(text)).toThrow(/^time: /);
    else expect(readDuration(text)).toBe(expected);
  });
});

describe("sizes", () => {
  test.each([
    ["4096", 4096],
    ["1k", 1024],
    ["1.5 GiB", 1_610_612_736],
    ["10MB", 10_485_760],
    ["7b", 7],
    ["1bb", undefined],
    ["-1", undefined],
    ["1x", undefined],
    ["", undefined],
  ])("%s", (text, expected) => expect(readByteSize(text)).toBe(expected));
});
