import { useSignalEffect } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { isSignInNeeded, setToken, token } from "./browser/access.ts";
import { messages } from "./messages.ts";
import { announce } from "./ui/announce.tsx";
import { Button } from "./ui/button.tsx";

/** The form for a token, shown after the server rejected a request. */
export function SignIn() {
  const text = messages.value.signIn;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  useSignalEffect(() => {
    if (isSignInNeeded.value) announce(messages.peek().signIn.asked);
  });
  if (!isSignInNeeded.value) return null;
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        setToken(input.current?.value.trim() || undefined);
      }}
    >
      <label for={id}>{token.value === undefined ? text.asked : text.refused}</label>
      <input
        ref={input}
        id={id}
        class="text-input"
        type="password"
        autocomplete="current-password"
        required
      />
      <Button type="submit" kind="main">
        {text.show}
      </Button>
      <span class="soft">{text.kept}</span>
    </form>
  );
}
