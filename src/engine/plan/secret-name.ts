const denied = wordOf("apikey|auth|credential|credentials|key|password|pword|passwd|secret|token");
const allowed = wordOf("public|file|version");

function wordOf(words: string): RegExp {
  return new RegExp(`(?:_|^)(?:${words})(?:_|$)`, "i");
}

/** Whether a variable's name suggests a secret: `API_TOKEN` does, `PUBLIC_KEY` and `TOKEN_FILE` do not. */
export function namesSecret(name: string): boolean {
  return denied.test(name) && !allowed.test(name);
}
