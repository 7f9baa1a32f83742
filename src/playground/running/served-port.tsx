import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { Button } from "../ui/button.tsx";
import { CodeInput } from "../ui/inputs.tsx";
import type { PageContainer } from "./containers.ts";
import { messages } from "./messages.ts";

/** Milliseconds between two checks whether a program listens. */
const POLL_MS = 1000;

/** Shows the web page that a container serves, in a sandboxed frame. */
export function ServedPort({ container }: { container: PageContainer }) {
  const text = messages.value;
  const id = useId();
  const [exposed = 8080] = container.exposed.value;
  const typed = useSignal<string | undefined>(undefined);
  const opened = useSignal<number | undefined>(undefined);
  const value = typed.value ?? String(exposed);
  const port = Number(value);
  const isPort = Number.isInteger(port) && port >= 1 && port <= 65535;
  const ports = container.ports.value;
  if (ports === undefined) return null;
  return (
    <div class="served-port">
      <form
        class="served-port-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (isPort) opened.value = port;
        }}
      >
        <label for={`${id}-port`}>{text.port}</label>
        <CodeInput
          id={`${id}-port`}
          inputMode="numeric"
          maxLength={5}
          value={value}
          onInput={(event) => {
            typed.value = event.currentTarget.value;
          }}
        />
        <Button type="submit" disabled={!isPort}>
          {text.openPort}
        </Button>
        {opened.value !== undefined && (
          <Button
            kind="quiet"
            icon="close"
            label={text.closePort}
            onClick={() => {
              opened.value = undefined;
            }}
          />
        )}
      </form>
      {opened.value !== undefined && (
        <Frame key={opened.value} address={`${ports}${opened.value}/`} port={opened.value} />
      )}
    </div>
  );
}

function Frame({ address, port }: { address: string; port: number }) {
  const text = messages.value;
  const isServed = useIsServed(address);
  const version = useSignal(0);
  if (!isServed) {
    return (
      <p class="served-port-wait soft" role="status">
        {text.portWaits(port)}
      </p>
    );
  }
  return (
    <div class="served-port-frame">
      <Button
        kind="quiet"
        icon="refresh"
        label={text.reloadPort}
        onClick={() => {
          version.value++;
        }}
      />
      <iframe
        key={version.value}
        title={text.portFrame(port)}
        src={address}
        sandbox="allow-scripts allow-forms allow-modals"
        referrerpolicy="no-referrer"
      />
    </div>
  );
}

/** Polls an address until a program in the container responds. */
function useIsServed(address: string): boolean {
  const isServed = useSignal(false);
  useEffect(() => {
    const aborter = new AbortController();
    let timer: ReturnType<typeof setTimeout>;
    const check = async () => {
      const answer = await fetch(address, { credentials: "omit", signal: aborter.signal }).catch(
        () => undefined,
      );
      await answer?.body?.cancel();
      if (aborter.signal.aborted) return;
      if (answer?.headers.get("content-type")?.startsWith("application/problem+json") === false)
        isServed.value = true;
      else timer = setTimeout(check, POLL_MS);
    };
    void check();
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [address]);
  return isServed.value;
}
