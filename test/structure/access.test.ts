import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { routeNeeds } from "../../src/worker/access/route-needs.ts";

test("the table of routes in docs/access.md equals that of the code", () => {
  const text = readFileSync("docs/access.md", "utf8");
  const words = (need: (typeof routeNeeds)[number]["need"]) =>
    typeof need === "string"
      ? need
      : need.map(({ right, of }) => `\`${right}\` on ${subjects[of]}`).join(", ");
  const subjects = {
    t: "the names `t`",
    scope: "the `scope`",
    build: "the names of the build",
    image: "the image",
    images: "the images",
    body: "the names in the archive",
  };
  for (const { method, path, isSocket, need } of routeNeeds) {
    expect(text).toContain(`| \`${method} ${path}\`${isSocket ? " as a WebSocket" : ""} | ${words(need)} |`);
  }
});
