/**
 * Lets `fetch` find what the page holds: a request to the address that a file had goes to where it is now. In a
 * worker it stands before the worker's script, as text, and has to need nothing from outside itself.
 */
export function divert(held: readonly (readonly [string, string])[]): void {
  const addresses = new Map(held);
  const beyond = globalThis.fetch.bind(globalThis);
  globalThis.fetch = (input, init) => {
    const address = new URL(input instanceof Request ? input.url : input, 'https://othello-lens.invalid/')
      .href;
    return beyond(addresses.get(address) ?? input, init);
  };
}
