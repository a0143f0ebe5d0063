declare module 'virtual:built' {
  /** Where the built site has what it opens with; null while the page is worked on. */
  const address: string | null;
  export default address;
}
