import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import type { TerminalSize } from "../../../schemas/containers.ts";

interface ScreenEvents {
  typed(text: string): void;
  resized(size: TerminalSize): void;
}

/** A terminal in an element of the page. */
export class TerminalScreen {
  /** Can be removed from the page and inserted again. */
  readonly element = document.createElement("div");
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #observer = new ResizeObserver(() => this.fit());

  constructor(events: ScreenEvents) {
    this.element.className = "run-screen";
    this.#terminal = new Terminal({
      documentOverride: policyDocument,
      cursorBlink: false,
      fontSize: 13,
      scrollback: 5000,
      screenReaderMode: true,
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.onData((text) => events.typed(text));
    this.#terminal.onResize(({ rows, cols }) => events.resized({ rows, columns: cols }));
    this.#observer.observe(this.element);
  }

  get size(): TerminalSize {
    return { rows: this.#terminal.rows, columns: this.#terminal.cols };
  }

  /** @param onRendered called when the text is visible */
  write(text: string, onRendered?: () => void): void {
    this.#terminal.write(text, onRendered);
  }

  /** Adapts the terminal to the size and the colours of the element. */
  fit(): void {
    const { element } = this;
    if (!element.isConnected || element.clientWidth === 0) return;
    if (this.#terminal.element === undefined) {
      const { fontFamily } = getComputedStyle(element);
      this.#terminal.options.fontFamily = fontFamily;
      openIn(this.#terminal, element);
    }
    const { color, backgroundColor } = getComputedStyle(element);
    this.#terminal.options.theme = {
      background: backgroundColor,
      foreground: color,
      cursor: color,
      selectionBackground: "#7f7f7f66",
    };
    this.#fit.fit();
  }

  focus(): void {
    this.#terminal.focus();
  }

  dispose(): void {
    this.#observer.disconnect();
    this.#terminal.dispose();
    this.element.remove();
  }
}

/**
 * Opens a terminal. Part of xterm.js uses the global document despite `documentOverride`, so `createElement` is
 * replaced for the duration of the call.
 */
function openIn(terminal: Terminal, element: HTMLElement): void {
  Object.defineProperty(document, "createElement", { value: createElement, configurable: true });
  try {
    terminal.open(element);
  } finally {
    Reflect.deleteProperty(document, "createElement");
  }
}

/**
 * A document for xterm.js. The content security policy of the page forbids inline styles, so style elements become
 * constructable style sheets, and style attributes become assignments to `style.cssText`.
 */
const policyDocument = new Proxy(document, {
  get(target, name) {
    if (name === "createElement") return createElement;
    const value: unknown = Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  },
  set: (target, name, value) => Reflect.set(target, name, value, target),
});

const makeElement = document.createElement.bind(document) as (
  name: string,
  options?: ElementCreationOptions,
) => HTMLElement;

function createElement(name: string, options?: ElementCreationOptions): HTMLElement {
  if (name === "style") return sheetElement();
  const element = makeElement(name, options);
  const setAttribute = element.setAttribute.bind(element);
  element.setAttribute = (attribute, value) => {
    if (attribute === "style") element.style.cssText = value;
    else setAttribute(attribute, value);
  };
  return element;
}

/** Creates a hidden element that applies its text as a constructable style sheet. */
function sheetElement(): HTMLElement {
  const element = makeElement("span");
  element.hidden = true;
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", {
    get: () => "",
    set: (text: string) => sheet.replaceSync(text),
  });
  const remove = element.remove.bind(element);
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    remove();
  };
  return element;
}
