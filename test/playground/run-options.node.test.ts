import { expect, test } from "vitest";
import {
  dockerLine,
  emptyForm,
  type RunForm,
  readForm,
  splitWords,
} from "../../src/playground/running/run-options.ts";

const line = (form: Partial<RunForm>) => {
  const read = readForm({ ...emptyForm, ...form });
  return "fault" in read ? read.fault : dockerLine(read.request, "host/app:1");
};

test.each([
  ["sh -c 'echo \"a b\"'", ["sh", "-c", 'echo "a b"']],
  ['a "b \\" $c" d\\ e', ["a", 'b " $c', "d e"]],
  ["  '' x", ["", "x"]],
  ["", []],
  ["'open", undefined],
])("the words of %j", (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test.each<[Partial<RunForm>, string]>([
  [{}, "docker run --rm -it --network none host/app:1"],
  [
    { command: "echo 'a b'", entrypoint: "sh", env: "A=1\nB=x y", user: "1000:100", readonly: true },
    "docker run --rm -it --network none -e A=1 -e 'B=x y' -u 1000:100 --read-only --entrypoint sh host/app:1 echo 'a b'",
  ],
  [
    { volumes: "data:/data\n./src/:/app:ro\n.:/all", tmpfs: "/tmp" },
    `docker run --rm -it --network none -v data:/data -v "$PWD"/src:/app:ro -v "$PWD":/all --tmpfs /tmp host/app:1`,
  ],
])("%j with docker", (form, expected) => {
  expect(line(form)).toBe(expected);
});

test.each<[Partial<RunForm>, string]>([
  [{ volumes: "../up:/x" }, "volumes"],
  [{ volumes: "d:/x" }, "volumes"],
  [{ volumes: "data:relative" }, "volumes"],
  [{ volumes: "data:/" }, "volumes"],
  [{ tmpfs: "tmp" }, "tmpfs"],
  [{ env: "NAME" }, "env"],
  [{ command: '"' }, "command"],
])("%j is a fault", (form, field) => {
  expect(line(form)).toMatchObject({ field });
});
