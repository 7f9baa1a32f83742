const MAX_LENGTH = 2000;
const TAIL_LENGTH = 200;

/** Shortens a message that quotes the user's text by cutting out its middle. */
export function shortenMessage(message: string): string {
  if (message.length <= MAX_LENGTH) return message;
  return `${message.slice(0, MAX_LENGTH - TAIL_LENGTH)} … ${message.slice(-TAIL_LENGTH)}`;
}
