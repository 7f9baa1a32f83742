import type { BuildEvent } from "../../../schemas/events.ts";
import { PlainText, TICK } from "../../progress/plain-text.ts";
import { problemText } from "../../progress/problem-text.ts";
import { pause } from "../../streams/pause.ts";

/** Progress of a build as text. Delayed text is yielded when it is due, without waiting for the next event. */
export async function* eventText(events: AsyncIterable<BuildEvent>): AsyncGenerator<string> {
  const text = new PlainText();
  const iterator = events[Symbol.asyncIterator]();
  try {
    let next = nextOf(iterator);
    for (let last = Date.now(); ; ) {
      const result = text.isHolding ? await Promise.race([next, pause(TICK)]) : await next;
      if (result === undefined) {
        yield text.tick(Date.now() - last);
        continue;
      }
      if (result.done) break;
      last = Date.now();
      yield text.add(result.value);
      if (result.value.type === "error") {
        const { detail, title, hint } = result.value.problem;
        yield problemText(detail ?? title, hint);
      }
      next = nextOf(iterator);
    }
    yield text.flush();
  } finally {
    await iterator.return?.();
  }
}

/** The next event. A rejection is handled where the event is awaited, which can be later. */
function nextOf(iterator: AsyncIterator<BuildEvent>): Promise<IteratorResult<BuildEvent>> {
  const next = iterator.next();
  next.catch(() => {});
  return next;
}
