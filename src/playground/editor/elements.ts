/** Creates an element that contains a text. */
export function textElement(tag: "code" | "p" | "span", text: string, className = ""): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

/** Creates an element with the syntax of a word of a Dockerfile, and its explanation. */
export function helpElement(form: string, text: string, className = ""): HTMLElement {
  const element = document.createElement("div");
  element.className = className;
  element.append(textElement("code", form), textElement("p", text));
  return element;
}
