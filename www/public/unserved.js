// Says what to do where the page was opened as a file: browsers run no modules from there, and a page of
// modules would stay empty. It is no module itself, and does nothing on a server.
if (location.protocol === 'file:') {
  addEventListener('DOMContentLoaded', () => {
    const say = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
    const note = document.createElement('main');
    note.setAttribute('role', 'alert');
    note.append(
      say('h1', 'This page needs a web server'),
      say(
        'p',
        'It was opened as a file. Browsers do not run a page’s modules and WebAssembly from files, so nothing here can start. Any static server will do; nothing is computed on it.',
      ),
      say('p', 'In the folder of this file, run one of these and open the address that it prints:'),
      say('pre', 'npx sirv-cli .\npython3 -m http.server'),
      say('p', 'In a checkout of the project, `cargo xtask serve` builds the page and serves it.'),
    );
    document.body.replaceChildren(note);
  });
}
