const maximumLength = 2000;
const tailLength = 200;

/** A message that quotes the user's text, cut in its middle when the text is that long. */
export function shorten(message: string): string {
  if (message.length <= maximumLength) return message;
  return `${message.slice(0, maximumLength - tailLength)} … ${message.slice(-tailLength)}`;
}
