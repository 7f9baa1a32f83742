import { expect, test } from "vitest";
import { Screen } from "../../../src/progress/terminal/screen.ts";
import { shortenToWidth, widthOf } from "../../../src/progress/terminal/width.ts";
import { plainLine } from "../../../src/progress/terminal-text.ts";

/** A terminal that keeps what is written. */
function terminal(columns: number) {
  return {
    columns,
    rows: 24,
    written: "",
    write(text: string) {
      this.written += text;
    },
    take() {
      const text = this.written;
      this.written = "";
      return text;
    },
  };
}

test("a frame is written at once over the last one, and only when it differs", () => {
  const tty = terminal(80);
  const screen = new Screen(tty);
  screen.draw(["one", "two"]);
  expect(tty.take()).toBe("\x1b[?2026h\x1b[?25lone\x1b[K\ntwo\x1b[K\n\x1b[J\x1b[?2026l");
  screen.draw(["one", "two"]);
  expect(tty.take()).toBe("");
  screen.draw(["one"]);
  expect(tty.take()).toBe("\x1b[?2026h\x1b[2A\rone\x1b[K\n\x1b[J\x1b[?2026l");
  screen.end();
  expect(tty.take()).toBe("\x1b[?25h");
});

test("a terminal that became narrower has wrapped the last frame", () => {
  const tty = terminal(10);
  const screen = new Screen(tty);
  screen.draw(["\x1b[31m1234567890\x1b[0m", "12345", ""]);
  tty.take();
  tty.columns = 4;
  screen.draw(["x"]);
  expect(tty.take()).toContain("\x1b[6A\r");
});

test.each<[string, string]>([
  ["plain", "plain"],
  ["\x1b[1;31mred\x1b[0m", "red"],
  ["10%\r50%\r100%", "100%"],
  ["done\r", "done"],
  ["a\tb", "a        b"],
  ["\x1b]0;title\x07text", "text"],
  ["bell\x07\x08", "bell"],
  ["\x1b[2J\x1b[Hhome", "home"],
])("%j is shown as %j", (written, text) => {
  expect(plainLine(written)).toBe(text);
});

test("the columns of a text are counted", () => {
  expect(["abc", "日本", "e\u0301", "🚀", ""].map(widthOf)).toEqual([3, 4, 1, 2, 0]);
  // As test runners and package managers print them.
  expect(["✅", "❌", "⚡", "⏳", "⭐", "🪄", "🟢", "✓", "⚠\ufe0f", "➜"].map(widthOf)).toEqual([
    2, 2, 2, 2, 2, 2, 2, 1, 2, 1,
  ]);
  expect(shortenToWidth("abcdef", 5)).toBe("ab...");
  expect(shortenToWidth("日本語日本語", 7)).toBe("日本...");
  expect(shortenToWidth("abcdef", 2)).toBe("ab");
});
