/**
 * Lets `fetch` answer requests for what the page holds, base64 by address, from there. In a worker it stands before
 * the worker's script, as text, and so needs nothing from outside itself.
 */
export function divert(held: Readonly<Record<string, string>>): void {
  const beyond = globalThis.fetch.bind(globalThis);
  const decode = (base64: string) => {
    const characters = atob(base64);
    const bytes = new Uint8Array(characters.length);
    for (let at = 0; at < bytes.length; at++) bytes[at] = characters.charCodeAt(at);
    return bytes;
  };
  globalThis.fetch = async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    const base64 = held[address];
    if (base64 === undefined) return beyond(input, init);
    init?.signal?.throwIfAborted();
    const type = address.endsWith('.wasm') ? 'application/wasm' : 'application/octet-stream';
    return new Response(decode(base64), { headers: { 'Content-Type': type } });
  };
}
