import { describe, expect, it } from "vitest";
import { parseMountFlag, parseVolumeFlag, readTmpfs } from "../../../src/cli/container/mounts.ts";

const volume = { type: "volume", readonly: false, copy: true };
const bind = { type: "bind", readonly: false };

describe("-v", () => {
  it.each([
    ["/a", { ...volume, target: "/a" }],
    ["name:/a/../b", { ...volume, name: "name", target: "/b" }],
    ["name:/a:ro,nocopy", { ...volume, name: "name", target: "/a", readonly: true, copy: false }],
    ["/host:/a", { ...bind, source: "/host", target: "/a", create: true }],
    ["/host/.:/a:z,ro", { ...bind, source: "/host", target: "/a", readonly: true, create: true }],
    ["./x:/a", { ...bind, source: `${process.cwd()}/x`, target: "/a", create: true }],
  ])("%s", (spec, mount) => {
    expect(parseVolumeFlag(spec)).toEqual(mount);
  });

  it.each([
    ["", "invalid volume specification: ''"],
    ["a:/b:ro:x", "invalid volume specification: 'a:/b:ro:x'"],
    ["a:b", "invalid mount path: 'b' mount path must be absolute"],
    ["a:/b:rw,other", "invalid mode: rw,other"],
    ["a:/b/..", "destination can't be '/'"],
  ])("rejects %j", (spec, message) => {
    expect(() => parseVolumeFlag(spec)).toThrow(message);
  });
});

describe("--mount", () => {
  it.each([
    ["dst=/a", { ...volume, target: "/a" }],
    ["type=volume,src=v,target=/a,volume-nocopy", { ...volume, name: "v", target: "/a", copy: false }],
    [
      'type=bind,"src=/h,1",destination=/a,ro',
      { ...bind, source: "/h,1", target: "/a", readonly: true, create: false },
    ],
    ["type=bind,source=/h,dst=/a,readonly=false", { ...bind, source: "/h", target: "/a", create: false }],
    [
      "type=tmpfs,dst=/a,tmpfs-size=2m,tmpfs-mode=700,ro",
      { type: "tmpfs", target: "/a", options: ["ro", "mode=700", "size=2m"] },
    ],
  ])("%s", (spec, mount) => {
    expect(parseMountFlag(spec)).toEqual(mount);
  });

  it.each([
    ["type=bind,src=/h", "target is required"],
    ["type=bind,dst=/a", "field Source must not be empty"],
    ["type=tmpfs,dst=/a,src=/b", "field Source must not be specified"],
    ["type=npipe,dst=/a", 'mount type "npipe" unknown'],
    ["dst=/a,x=y", "unexpected key 'x' in 'x=y'"],
    ["dst=/a,src", "invalid field 'src' must be a key=value pair"],
    ["dst=/a,ro=maybe", "invalid value for ro: maybe"],
    ["dst=a", "mount path must be absolute"],
    ["type=tmpfs,dst=/a,tmpfs-mode=9", "invalid value for tmpfs-mode: 9"],
    ['"dst=/a', "parse error"],
  ])("rejects %s", (spec, message) => {
    expect(() => parseMountFlag(spec)).toThrow(message);
  });
});

describe("--tmpfs", () => {
  it("has options after a colon", () => {
    expect(readTmpfs("/t")).toEqual({ type: "tmpfs", target: "/t", options: [] });
    expect(readTmpfs("/t:size=1m,exec")).toEqual({
      type: "tmpfs",
      target: "/t",
      options: ["size=1m", "exec"],
    });
  });
});
