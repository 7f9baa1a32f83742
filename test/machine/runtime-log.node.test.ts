import { expect, test } from "vitest";
import { readRuntimeLog } from "../../src/runner/sandbox/runtime-log.ts";

test.each([
  ["nothing", "", undefined, ""],
  [
    "an error of crun",
    '{"msg":"mount `tmpfs` to ``: Invalid argument","level":"error","time":"2026-11-29T06:23:24.058569Z"}\n',
    "mount `tmpfs` to ``: Invalid argument",
    "",
  ],
  [
    "an error of runc",
    '{"level":"error","msg":"exec: \\"/no\\": stat /no: no such file","time":"2026-11-29T06:00:22Z"}\n',
    'exec: "/no": stat /no: no such file',
    "",
  ],
  ["a warning", '{"level":"warning","msg":"slow","time":"2026-11-29T06:00:22Z"}\n', undefined, ""],
  ["output that crun did not copy", "/x\r\n\n", undefined, "/x\r\n"],
  ["such output in pieces", "abc\nd\r\ne\r\n\nf\r\n\n", undefined, "abcd\r\ne\r\nf\r\n"],
  ["a piece that ends within a line end", "ab\r\n\ncd\n", undefined, "ab\r\ncd"],
])("%s", (_, text, failure, output) => {
  expect(readRuntimeLog(text)).toEqual({ failure, output });
});
