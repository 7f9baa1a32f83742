const maximumLength = 2000;
const tailLength = 200;

/** Shortens a message that quotes the user's text by cutting out its middle. */
export function shorten(message: string): string {
  if (message.length <= maximumLength) return message;
  return `${message.slice(0, maximumLength - tailLength)} … ${message.slice(-tailLength)}`;
}
