import { userInfo } from "node:os";
import { expect, test } from "vitest";
import { homeFolder } from "../../src/machine/data-folder.ts";

test.each([
  ["the one of the environment", { HOME: "/home/a" }, "/home/a"],
  [
    "the one of the user database, not the current folder, when HOME is empty",
    { HOME: "" },
    userInfo().homedir,
  ],
])("the home folder is %s", (_, environment, home) => {
  expect(homeFolder(environment)).toBe(home);
});
