import assert from "node:assert/strict";
import test from "node:test";
import { countWords } from "./words.js";

test("counts words of any case", () => {
  assert.deepEqual(countWords("Tick, tick, tock."), { tick: 2, tock: 1 });
});
