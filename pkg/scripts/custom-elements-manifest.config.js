/** What is read for `dist/custom-elements.json`; `package.json` names that file and is left as it is. */
export default { litelement: true, globs: ['src/elements/**/*.ts'], packagejson: false, quiet: true };
